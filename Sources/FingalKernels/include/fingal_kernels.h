/* Whole vector loops in C with run-time dispatch. Each kernel has a readable Swift twin in the tests. */
#ifndef FINGAL_KERNELS_H
#define FINGAL_KERNELS_H

#include <stddef.h>
#include <stdint.h>

// The thread sanitizer instruments the functions that pick a variant while the program is still being loaded, and crashes.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FINGAL_ONE_VARIANT 1
#endif
#endif

#if defined(__x86_64__) && !defined(FINGAL_ONE_VARIANT)
#define FINGAL_DISPATCH __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define FINGAL_DISPATCH
#endif

#include "fingal_bitpacking.h"
#include "fingal_cells.h"
#include "fingal_csv.h"
#include "fingal_numbers.h"
#include "fingal_decimal.h"
#include "fingal_digest.h"
#include "fingal_imaging.h"
#include "fingal_lookup.h"
#include "fingal_planes.h"
#include "fingal_values.h"

#endif
