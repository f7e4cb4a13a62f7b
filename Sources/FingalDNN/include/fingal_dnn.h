#ifndef FINGAL_DNN_H
#define FINGAL_DNN_H
#endif
