#include "fingal_dnn.h"
