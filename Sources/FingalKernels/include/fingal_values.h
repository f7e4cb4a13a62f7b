/* Loops over the values of a page outside bit packing and decimals: bounds, zeros, distinct values, and the ways back.
   Values are words of T bits (a page's bit patterns), `width` their bytes. Callers have checked every count. */
#ifndef FINGAL_VALUES_H
#define FINGAL_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bounds without NaN (low > high if there are only NaN), and how many NaN there are. */
void fingal_bounds32f(const float *values, size_t n, float *low, float *high, size_t *nans);
void fingal_bounds64f(const double *values, size_t n, double *low, double *high, size_t *nans);

#define FINGAL_DECLARE_VALUES(T, WORD)                                                                             \
  size_t fingal_count_zeros##T(const WORD *values, size_t n);                                                      \
  /* The non-zeros of a row of n values, and the number of zeros before each. Returns how many; both outputs have  \
     room for one more than there are. */                                                                          \
  size_t fingal_nonzeros##T(const WORD *row, size_t n, uint32_t *gaps, WORD *found);                               \
  /* Numbers the distinct values in the order of their first appearance. `slots` are 2^bits zeros, more than       \
     2*limit of them. Returns their number, or limit + 1 as soon as there are more than `limit`. */                \
  size_t fingal_distinct##T(                                                                                       \
      const WORD *values, size_t n, uint32_t *slots, unsigned bits, size_t limit, WORD *distinct,                  \
      uint32_t *indices);

FINGAL_DECLARE_VALUES(8, uint8_t)
FINGAL_DECLARE_VALUES(16, uint16_t)
FINGAL_DECLARE_VALUES(32, uint32_t)
FINGAL_DECLARE_VALUES(64, uint64_t)

/* The low bits of 32-bit words. */
void fingal_narrow8(const uint32_t *words, size_t n, uint8_t *out);
void fingal_narrow16(const uint32_t *words, size_t n, uint16_t *out);

/* out[i] = dictionary[indices[i]], values of `width` bytes by indices of `index_width` bytes (1, 2 or 4). False, and
   nothing read, if an index is not below `entries`. */
bool fingal_gather(
    const void *indices, unsigned index_width, size_t n, const void *dictionary, unsigned width, size_t entries,
    void *out);

/* Puts n non-zeros into a row of `length` zeros, each `gaps[i]` zeros behind the one before it. False if one would lie
   beyond the row; nothing is written there. */
bool fingal_scatter(
    const void *gaps, unsigned gap_width, const void *values, unsigned width, size_t n, void *row, size_t length);

#endif
