#include "fingal_kernels.h"
