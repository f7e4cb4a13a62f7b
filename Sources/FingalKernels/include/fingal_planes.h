/* Planes of bytes (BYTE_SPLIT), differences and running sums (DELTA), and runs (RLE) of words of T bits, modulo 2^T.
   Callers have checked every count. */
#ifndef FINGAL_PLANES_H
#define FINGAL_PLANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FINGAL_DECLARE_PLANES(T, WORD)                                                                             \
  /* plane[i] = bits shift to shift + 7 of values[i] - base. */                                                    \
  void fingal_split_plane##T(const WORD *values, size_t n, WORD base, unsigned shift, uint8_t *plane);             \
  /* low[i] = (values[i] - base) & mask. */                                                                        \
  void fingal_low_bits##T(const WORD *values, size_t n, WORD base, WORD mask, WORD *low);                          \
  /* out[i] = base + plane[i]. */                                                                                  \
  void fingal_widen_plane##T(const uint8_t *plane, size_t n, WORD base, WORD *out);                                \
  /* out[i] = base + low[i] + (high[i] << 8). */                                                                   \
  void fingal_widen_planes##T(const uint8_t *low, const uint8_t *high, size_t n, WORD base, WORD *out);            \
  /* out[i] += plane[i] << shift. */                                                                               \
  void fingal_add_plane##T(const uint8_t *plane, size_t n, unsigned shift, WORD *out);                             \
  /* out[i] = values[i + 1] - values[i], for 0 <= i < n - 1. */                                                    \
  void fingal_differences##T(const WORD *values, size_t n, WORD *out);                                             \
  /* values[i] = first + values[0] + ... + values[i]. */                                                           \
  void fingal_running_sum##T(WORD *values, size_t n, WORD first);                                                  \
  /* How many runs of equal values n >= 1 values are. */                                                           \
  size_t fingal_count_runs##T(const WORD *values, size_t n);                                                       \
  /* The value and length of each run; the outputs have room for exactly as many as there are. */                  \
  void fingal_find_runs##T(const WORD *values, size_t n, WORD *found, uint32_t *lengths);                          \
  /* Repeats each value as often as its length says. The lengths add up to n. */                                   \
  void fingal_expand_runs##T(const WORD *found, const uint32_t *lengths, size_t runs, WORD *out, size_t n);

FINGAL_DECLARE_PLANES(8, uint8_t)
FINGAL_DECLARE_PLANES(16, uint16_t)
FINGAL_DECLARE_PLANES(32, uint32_t)
FINGAL_DECLARE_PLANES(64, uint64_t)

/* All bits that any of the bytes has. */
uint8_t fingal_any_bits(const uint8_t *bytes, size_t n);

/* Whether `runs` lengths are all at least 1 and add up to n. */
bool fingal_check_runs(const uint32_t *lengths, size_t runs, size_t n);

/* counts[b] += how often the byte b occurs. */
void fingal_histogram(const uint8_t *bytes, size_t n, uint32_t counts[256]);

#endif
