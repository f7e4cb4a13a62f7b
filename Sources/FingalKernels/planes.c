#include "fingal_kernels.h"

#include <string.h>

#define DEFINE_PLANES(T, WORD)                                                                                     \
  FINGAL_DISPATCH void fingal_split_plane##T(                                                                      \
      const WORD *restrict values, size_t n, WORD base, unsigned shift, uint8_t *restrict plane) {                 \
    for (size_t i = 0; i < n; i++) plane[i] = (uint8_t)((WORD)(values[i] - base) >> shift);                        \
  }                                                                                                                \
  FINGAL_DISPATCH void fingal_low_bits##T(                                                                         \
      const WORD *restrict values, size_t n, WORD base, WORD mask, WORD *restrict low) {                           \
    for (size_t i = 0; i < n; i++) low[i] = (WORD)(values[i] - base) & mask;                                       \
  }                                                                                                                \
  FINGAL_DISPATCH void fingal_widen_plane##T(                                                                      \
      const uint8_t *restrict plane, size_t n, WORD base, WORD *restrict out) {                                    \
    for (size_t i = 0; i < n; i++) out[i] = (WORD)(base + plane[i]);                                               \
  }                                                                                                                \
  FINGAL_DISPATCH void fingal_widen_planes##T(                                                                     \
      const uint8_t *restrict low, const uint8_t *restrict high, size_t n, WORD base, WORD *restrict out) {        \
    for (size_t i = 0; i < n; i++) out[i] = (WORD)(base + (WORD)(low[i] | (uint16_t)(high[i] << 8)));              \
  }                                                                                                                \
  FINGAL_DISPATCH void fingal_add_plane##T(                                                                        \
      const uint8_t *restrict plane, size_t n, unsigned shift, WORD *restrict out) {                               \
    for (size_t i = 0; i < n; i++) out[i] = (WORD)(out[i] + (WORD)((WORD)plane[i] << shift));                      \
  }                                                                                                                \
  FINGAL_DISPATCH void fingal_differences##T(const WORD *restrict values, size_t n, WORD *restrict out) {          \
    for (size_t i = 0; i + 1 < n; i++) out[i] = (WORD)(values[i + 1] - values[i]);                                 \
  }

DEFINE_PLANES(8, uint8_t)
DEFINE_PLANES(16, uint16_t)
DEFINE_PLANES(32, uint32_t)
DEFINE_PLANES(64, uint64_t)

/* ---- Running sums: sums inside a register by shifting it against itself, 1, 2, 4, … places at a time. What is carried
   to the next register is one addition away from what came before, so that registers overlap. ---- */

typedef uint8_t v8 __attribute__((vector_size(16)));
typedef uint16_t v16 __attribute__((vector_size(16)));
typedef uint32_t v32 __attribute__((vector_size(16)));
typedef uint64_t v64 __attribute__((vector_size(16)));

static inline __attribute__((always_inline)) v8 inside8(v8 v) {
  const v8 z = {0};
  v += __builtin_shufflevector(z, v, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
  v += __builtin_shufflevector(z, v, 0, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
  v += __builtin_shufflevector(z, v, 0, 0, 0, 0, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27);
  v += __builtin_shufflevector(z, v, 0, 0, 0, 0, 0, 0, 0, 0, 16, 17, 18, 19, 20, 21, 22, 23);
  return v;
}

static inline __attribute__((always_inline)) v8 last8(v8 v) {
  return __builtin_shufflevector(v, v, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15);
}

static inline __attribute__((always_inline)) v16 inside16(v16 v) {
  const v16 z = {0};
  v += __builtin_shufflevector(z, v, 0, 8, 9, 10, 11, 12, 13, 14);
  v += __builtin_shufflevector(z, v, 0, 0, 8, 9, 10, 11, 12, 13);
  v += __builtin_shufflevector(z, v, 0, 0, 0, 0, 8, 9, 10, 11);
  return v;
}

static inline __attribute__((always_inline)) v16 last16(v16 v) {
  return __builtin_shufflevector(v, v, 7, 7, 7, 7, 7, 7, 7, 7);
}

static inline __attribute__((always_inline)) v32 inside32(v32 v) {
  const v32 z = {0};
  v += __builtin_shufflevector(z, v, 0, 4, 5, 6);
  v += __builtin_shufflevector(z, v, 0, 0, 4, 5);
  return v;
}

static inline __attribute__((always_inline)) v32 last32(v32 v) { return __builtin_shufflevector(v, v, 3, 3, 3, 3); }

static inline __attribute__((always_inline)) v64 inside64(v64 v) {
  const v64 z = {0};
  return v + __builtin_shufflevector(z, v, 0, 2);
}

static inline __attribute__((always_inline)) v64 last64(v64 v) { return __builtin_shufflevector(v, v, 1, 1); }

#define DEFINE_RUNNING_SUM(T, WORD)                                                                                \
  FINGAL_DISPATCH void fingal_running_sum##T(WORD *values, size_t n, WORD first) {                                 \
    enum { L = 128 / T };                                                                                          \
    v##T carry = (v##T){0} + first;                                                                                \
    size_t i = 0;                                                                                                  \
    for (; i + L <= n; i += L) {                                                                                   \
      v##T v;                                                                                                      \
      memcpy(&v, values + i, 16);                                                                                  \
      v = inside##T(v);                                                                                            \
      const v##T sum = v + carry;                                                                                  \
      carry += last##T(v);                                                                                         \
      memcpy(values + i, &sum, 16);                                                                                \
    }                                                                                                              \
    WORD sum = carry[0];                                                                                           \
    for (; i < n; i++) values[i] = sum = (WORD)(sum + values[i]);                                                  \
  }

DEFINE_RUNNING_SUM(8, uint8_t)
DEFINE_RUNNING_SUM(16, uint16_t)
DEFINE_RUNNING_SUM(32, uint32_t)
DEFINE_RUNNING_SUM(64, uint64_t)

/* ---- Runs. ---- */

#define DEFINE_RUNS(T, WORD)                                                                                       \
  FINGAL_DISPATCH size_t fingal_count_runs##T(const WORD *values, size_t n) {                                      \
    size_t runs = 1;                                                                                               \
    for (size_t i = 1; i < n; i++) runs += values[i] != values[i - 1];                                             \
    return runs;                                                                                                   \
  }                                                                                                                \
  void fingal_find_runs##T(const WORD *restrict values, size_t n, WORD *restrict found, uint32_t *restrict lengths) { \
    size_t runs = 0, start = 0;                                                                                    \
    for (size_t i = 1; i < n; i++) {                                                                               \
      if (values[i] == values[i - 1]) continue;                                                                    \
      found[runs] = values[start];                                                                                 \
      lengths[runs++] = (uint32_t)(i - start);                                                                     \
      start = i;                                                                                                   \
    }                                                                                                              \
    found[runs] = values[start];                                                                                   \
    lengths[runs] = (uint32_t)(n - start);                                                                         \
  }                                                                                                                \
  FINGAL_DISPATCH void fingal_expand_runs##T(                                                                      \
      const WORD *restrict found, const uint32_t *restrict lengths, size_t runs, WORD *restrict out, size_t n) {   \
    /* Most runs are short: a whole vector is written while there is room for it, and what is too much is overwritten\
       by the next run. */                                                                                         \
    typedef WORD vector __attribute__((vector_size(64), aligned(1), may_alias));                                   \
    enum { BLOCK = 512 / T };                                                                                      \
    size_t at = 0;                                                                                                 \
    for (size_t r = 0; r < runs; r++) {                                                                            \
      const WORD value = found[r];                                                                                 \
      const size_t length = lengths[r];                                                                            \
      size_t i = 0;                                                                                                \
      if (at + BLOCK <= n) {                                                                                       \
        *(vector *)(out + at) = (vector){0} + value;                                                               \
        i = BLOCK;                                                                                                 \
      }                                                                                                            \
      for (; i < length; i++) out[at + i] = value;                                                                 \
      at += length;                                                                                                \
    }                                                                                                              \
  }

DEFINE_RUNS(8, uint8_t)
DEFINE_RUNS(16, uint16_t)
DEFINE_RUNS(32, uint32_t)
DEFINE_RUNS(64, uint64_t)

FINGAL_DISPATCH bool fingal_check_runs(const uint32_t *lengths, size_t runs, size_t n) {
  uint64_t sum = 0;
  uint32_t empty = 0;
  for (size_t r = 0; r < runs; r++) {
    sum += lengths[r];
    empty |= lengths[r] == 0;
  }
  return empty == 0 && sum == n;
}

FINGAL_DISPATCH uint8_t fingal_any_bits(const uint8_t *bytes, size_t n) {
  uint8_t any = 0;
  for (size_t i = 0; i < n; i++) any |= bytes[i];
  return any;
}

/* Four tables, so that equal neighbours do not wait for each other. */
void fingal_histogram(const uint8_t *bytes, size_t n, uint32_t counts[256]) {
  uint32_t tables[4][256] = {{0}};
  size_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (int t = 0; t < 4; t++) tables[t][bytes[i + t]]++;
  for (; i < n; i++) tables[0][bytes[i]]++;
  for (int b = 0; b < 256; b++) counts[b] += tables[0][b] + tables[1][b] + tables[2][b] + tables[3][b];
}
