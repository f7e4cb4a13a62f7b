#include "fingal_kernels.h"

#include <string.h>

/* ---- Bounds: many side by side, since one minimum would be a chain of dependent comparisons. A comparison with NaN is
   false, so that NaN replaces nothing. ---- */

#define DEFINE_BOUNDS(T, FLOAT, SIDE)                                                                              \
  FINGAL_DISPATCH void fingal_bounds##T##f(                                                                        \
      const FLOAT *restrict values, size_t n, FLOAT *restrict low, FLOAT *restrict high, size_t *restrict nans) {  \
    enum { S = SIDE };                                                                                             \
    FLOAT lows[S], highs[S];                                                                                       \
    size_t nan = 0, i = 0;                                                                                         \
    for (int s = 0; s < S; s++) lows[s] = (FLOAT)__builtin_inf(), highs[s] = -(FLOAT)__builtin_inf();              \
    for (; i + S <= n; i += S) {                                                                                   \
      for (int s = 0; s < S; s++) {                                                                                \
        const FLOAT v = values[i + s];                                                                             \
        lows[s] = v < lows[s] ? v : lows[s];                                                                       \
        highs[s] = v > highs[s] ? v : highs[s];                                                                    \
      }                                                                                                            \
    }                                                                                                              \
    for (; i < n; i++) {                                                                                           \
      lows[0] = values[i] < lows[0] ? values[i] : lows[0];                                                         \
      highs[0] = values[i] > highs[0] ? values[i] : highs[0];                                                      \
    }                                                                                                              \
    for (int s = 1; s < S; s++) {                                                                                  \
      lows[0] = lows[s] < lows[0] ? lows[s] : lows[0];                                                             \
      highs[0] = highs[s] > highs[0] ? highs[s] : highs[0];                                                        \
    }                                                                                                              \
    for (i = 0; i < n; i++) nan += values[i] != values[i];                                                         \
    *low = lows[0];                                                                                                \
    *high = highs[0];                                                                                              \
    *nans = nan;                                                                                                   \
  }

DEFINE_BOUNDS(32, float, 32)
DEFINE_BOUNDS(64, double, 16)

/* ---- Zeros and distinct values. ---- */

#define DEFINE_VALUES(T, WORD)                                                                                     \
  FINGAL_DISPATCH size_t fingal_count_zeros##T(const WORD *values, size_t n) {                                     \
    size_t zeros = 0;                                                                                              \
    for (size_t i = 0; i < n; i++) zeros += values[i] == 0;                                                        \
    return zeros;                                                                                                  \
  }                                                                                                                \
  FINGAL_DISPATCH size_t fingal_nonzeros##T(                                                                       \
      const WORD *restrict row, size_t n, uint32_t *restrict gaps, WORD *restrict found) {                         \
    enum { BLOCK = 256 / T };                                                                                      \
    size_t count = 0, next = 0, i = 0;                                                                             \
    for (; i + BLOCK <= n; i += BLOCK) {                                                                           \
      WORD any = 0;                                                                                                \
      for (int b = 0; b < BLOCK; b++) any |= row[i + b];                                                           \
      if (any == 0) continue;                                                                                      \
      for (size_t j = i; j < i + BLOCK; j++) {                                                                     \
        if (row[j] == 0) continue;                                                                                 \
        gaps[count] = (uint32_t)(j - next);                                                                        \
        found[count++] = row[j];                                                                                   \
        next = j + 1;                                                                                              \
      }                                                                                                            \
    }                                                                                                              \
    for (; i < n; i++) {                                                                                           \
      if (row[i] == 0) continue;                                                                                   \
      gaps[count] = (uint32_t)(i - next);                                                                          \
      found[count++] = row[i];                                                                                     \
      next = i + 1;                                                                                                \
    }                                                                                                              \
    return count;                                                                                                  \
  }                                                                                                                \
  size_t fingal_distinct##T(                                                                                       \
      const WORD *restrict values, size_t n, uint32_t *restrict slots, unsigned bits, size_t limit,                \
      WORD *restrict distinct, uint32_t *restrict indices) {                                                       \
    const size_t mask = ((size_t)1 << bits) - 1;                                                                   \
    size_t count = 0;                                                                                              \
    for (size_t i = 0; i < n; i++) {                                                                               \
      const WORD v = values[i];                                                                                    \
      /* Fibonacci hashing: the high bits of a product with 2^64 / phi. */                                         \
      size_t slot = (size_t)((uint64_t)v * 0x9E3779B97F4A7C15u >> (64 - bits));                                    \
      uint32_t entry;                                                                                              \
      while ((entry = slots[slot]) != 0 && distinct[entry - 1] != v) slot = (slot + 1) & mask;                     \
      if (entry == 0) {                                                                                            \
        if (count == limit) return limit + 1;                                                                      \
        distinct[count] = v;                                                                                       \
        slots[slot] = entry = (uint32_t)++count;                                                                   \
      }                                                                                                            \
      indices[i] = entry - 1;                                                                                      \
    }                                                                                                              \
    return count;                                                                                                  \
  }

DEFINE_VALUES(8, uint8_t)
DEFINE_VALUES(16, uint16_t)
DEFINE_VALUES(32, uint32_t)
DEFINE_VALUES(64, uint64_t)

FINGAL_DISPATCH void fingal_narrow8(const uint32_t *restrict words, size_t n, uint8_t *restrict out) {
  for (size_t i = 0; i < n; i++) out[i] = (uint8_t)words[i];
}

FINGAL_DISPATCH void fingal_narrow16(const uint32_t *restrict words, size_t n, uint16_t *restrict out) {
  for (size_t i = 0; i < n; i++) out[i] = (uint16_t)words[i];
}

/* ---- The ways back: one body for each pair of widths, chosen once a call. ---- */

#define DEFINE_PAIR(INDEX, WORD)                                                                                   \
  static void gather_##INDEX##_##WORD(                                                                             \
      const INDEX *restrict indices, size_t n, const WORD *restrict dictionary, WORD *restrict out) {              \
    for (size_t i = 0; i < n; i++) out[i] = dictionary[indices[i]];                                                \
  }                                                                                                                \
  static bool scatter_##INDEX##_##WORD(                                                                            \
      const INDEX *restrict gaps, const WORD *restrict values, size_t n, WORD *restrict row, size_t length) {      \
    size_t place = 0;                                                                                              \
    for (size_t i = 0; i < n; i++) {                                                                               \
      place += gaps[i];                                                                                            \
      if (place >= length) return false;                                                                           \
      row[place++] = values[i];                                                                                    \
    }                                                                                                              \
    return true;                                                                                                   \
  }

#define DEFINE_PAIRS(INDEX)     \
  DEFINE_PAIR(INDEX, uint8_t)   \
  DEFINE_PAIR(INDEX, uint16_t)  \
  DEFINE_PAIR(INDEX, uint32_t)  \
  DEFINE_PAIR(INDEX, uint64_t)

DEFINE_PAIRS(uint8_t)
DEFINE_PAIRS(uint16_t)
DEFINE_PAIRS(uint32_t)

#define CHOOSE_WIDTH(FUNCTION, INDEX, ...)                  \
  switch (width) {                                          \
    case 1: FUNCTION(INDEX, uint8_t, __VA_ARGS__); break;   \
    case 2: FUNCTION(INDEX, uint16_t, __VA_ARGS__); break;  \
    case 4: FUNCTION(INDEX, uint32_t, __VA_ARGS__); break;  \
    default: FUNCTION(INDEX, uint64_t, __VA_ARGS__); break; \
  }

#define HIGHEST(INDEX)                                                                                    \
  {                                                                                                       \
    const INDEX *at = indices;                                                                            \
    INDEX top = 0;                                                                                        \
    for (size_t i = 0; i < n; i++) top = at[i] > top ? at[i] : top;                                       \
    highest = top;                                                                                        \
  }

FINGAL_DISPATCH static uint32_t highest_index(const void *indices, unsigned index_width, size_t n) {
  uint32_t highest = 0;
  switch (index_width) {
    case 1: HIGHEST(uint8_t) break;
    case 2: HIGHEST(uint16_t) break;
    default: HIGHEST(uint32_t) break;
  }
  return highest;
}

#define GATHER(INDEX, WORD, ...) gather_##INDEX##_##WORD(indices, n, dictionary, out)
#define SCATTER(INDEX, WORD, ...) inside = scatter_##INDEX##_##WORD(gaps, values, n, row, length)

bool fingal_gather(
    const void *indices, unsigned index_width, size_t n, const void *dictionary, unsigned width, size_t entries,
    void *out) {
  if (n == 0) return true;
  if (highest_index(indices, index_width, n) >= entries) return false;
  switch (index_width) {
    case 1: CHOOSE_WIDTH(GATHER, uint8_t, 0) break;
    case 2: CHOOSE_WIDTH(GATHER, uint16_t, 0) break;
    default: CHOOSE_WIDTH(GATHER, uint32_t, 0) break;
  }
  return true;
}

bool fingal_scatter(
    const void *gaps, unsigned gap_width, const void *values, unsigned width, size_t n, void *row, size_t length) {
  bool inside = false;
  switch (gap_width) {
    case 1: CHOOSE_WIDTH(SCATTER, uint8_t, 0) break;
    case 2: CHOOSE_WIDTH(SCATTER, uint16_t, 0) break;
    default: CHOOSE_WIDTH(SCATTER, uint32_t, 0) break;
  }
  return inside;
}
