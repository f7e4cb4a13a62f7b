#include "fingal_kernels.h"

#include <string.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

/* Sums and products as written: a fused multiply-add would make pixels depend on the processor. */
#pragma STDC FP_CONTRACT OFF

/* ---- Pixel indices ---- */

#define DEFINE_BIN(NAME, T)                                                                                        \
  FINGAL_DISPATCH void fingal_bin_##NAME(                                                                          \
      const T *restrict x, size_t n, double low, double high, double per_unit, int32_t bins,                       \
      int32_t *restrict pixel) {                                                                                   \
    const int32_t last = bins - 1;                                                                                 \
    for (size_t i = 0; i < n; i++) {                                                                               \
      const double v = (double)x[i];                                                                               \
      const int32_t p = pixel[i];                                                                                  \
      const bool inside = (v >= low) & (v < high);                                                                 \
      /* Outside, the product may be beyond what an integer holds: it must not be converted. */                    \
      const double place = inside ? (v - low) * per_unit : 0.0;                                                    \
      int32_t bin = (int32_t)place;                                                                                \
      bin = bin < last ? bin : last;                                                                               \
      pixel[i] = (inside & (p >= 0)) ? p * bins + bin : -1;                                                        \
    }                                                                                                              \
  }

DEFINE_BIN(u8, uint8_t)
DEFINE_BIN(i8, int8_t)
DEFINE_BIN(u16, uint16_t)
DEFINE_BIN(i16, int16_t)
DEFINE_BIN(u32, uint32_t)
DEFINE_BIN(i32, int32_t)
DEFINE_BIN(u64, uint64_t)
DEFINE_BIN(i64, int64_t)
DEFINE_BIN(f32, float)
DEFINE_BIN(f64, double)

#define DEFINE_WHOLE(NAME, T)                                                                    \
  FINGAL_DISPATCH void fingal_whole_##NAME(                                                      \
      const T *restrict x, size_t n, int32_t low, int32_t bins, int32_t *restrict pixel) {       \
    for (size_t i = 0; i < n; i++) {                                                             \
      const int32_t bin = (int32_t)x[i] - low, p = pixel[i];                                     \
      pixel[i] = (((uint32_t)bin < (uint32_t)bins) & (p >= 0)) ? p * bins + bin : -1;            \
    }                                                                                            \
  }

DEFINE_WHOLE(u8, uint8_t)
DEFINE_WHOLE(i8, int8_t)
DEFINE_WHOLE(u16, uint16_t)
DEFINE_WHOLE(i16, int16_t)

FINGAL_DISPATCH void fingal_hex(
    const double *restrict iu, const double *restrict iv, size_t n, int32_t *restrict pixel) {
  for (size_t i = 0; i < n; i++) {
    const double a = iu[i], b = iv[i];
    const bool small = (a > -1000) & (a < 1000) & (b > -1000) & (b < 1000);
    const int32_t u = (int32_t)(small ? a : 0.5), v = (int32_t)(small ? b : 0.5), p = pixel[i];
    const int32_t column = v + 7, row = (2 * u + v + 11) / 2;
    const bool inside = ((double)u == a) & ((double)v == b) & ((uint32_t)column < 15) & ((uint32_t)row < 12);
    pixel[i] = (inside & (p >= 0)) ? p * 180 + row * 15 + column : -1;
  }
}

FINGAL_DISPATCH void fingal_mark_nulls(
    const uint8_t *restrict valid, size_t n, int32_t mark, int32_t *restrict pixel) {
  for (size_t i = 0; i < n; i++) pixel[i] = valid[i] ? pixel[i] : mark;
}

FINGAL_DISPATCH void fingal_mark_nans(const float *restrict values, size_t n, int32_t *restrict pixel) {
  for (size_t i = 0; i < n; i++) pixel[i] = values[i] == values[i] ? pixel[i] : -2;
}

#define DEFINE_FLOATS(NAME, T)                                                                        \
  FINGAL_DISPATCH void fingal_floats_##NAME(const T *restrict x, size_t n, float *restrict out) {     \
    for (size_t i = 0; i < n; i++) out[i] = (float)x[i];                                              \
  }

DEFINE_FLOATS(u8, uint8_t)
DEFINE_FLOATS(i8, int8_t)
DEFINE_FLOATS(u16, uint16_t)
DEFINE_FLOATS(i16, int16_t)
DEFINE_FLOATS(u32, uint32_t)
DEFINE_FLOATS(i32, int32_t)
DEFINE_FLOATS(u64, uint64_t)
DEFINE_FLOATS(i64, int64_t)
DEFINE_FLOATS(f64, double)

/* ---- Lit pixels ---- */

/* One pass: `places` says for each pixel where the list has it, by a number that grows from event to event, so that what
   an earlier event left there is too small and needs no clearing. Neither loop has a branch that depends on the hits; what
   is written at the end of the list without being kept is overwritten by the next. Hits outside and NaN have two places
   of their own before the image; only events with such hits look at them. */
#define LIGHT(WORD, KEPT)                                                                                          \
  for (size_t i = hit; i < end; i++) {                                                                             \
    const int32_t p = pixel[i];                                                                                    \
    const float v = hit_values[i];                                                                                 \
    const uint32_t known = image[p];                                                                               \
    const bool again = (known >= first) & (KEPT);                                                                  \
    const size_t place = again ? known - first + start : k;                                                        \
    const float sum = values[place];                                                                               \
    values[place] = again ? sum + v : v;                                                                           \
    lit[place] = (WORD)p;                                                                                          \
    image[p] = again ? known : first + (uint32_t)(k - start);                                                      \
    k += (size_t)((!again) & (KEPT));                                                                              \
  }
/* Which of 32 pixels are not zero (NaN is not), a bit each: then only those are looked at, of which there are few. */
static inline uint32_t lit_of_32(const float *row) {
  uint32_t mask = 0;
#if defined(__x86_64__)
  const __m128 zero = _mm_setzero_ps();
  for (unsigned q = 0; q < 32; q += 4)
    mask |= (uint32_t)_mm_movemask_ps(_mm_cmpneq_ps(_mm_loadu_ps(row + q), zero)) << q;
#else
  for (unsigned q = 0; q < 32; q++) mask |= (uint32_t)(row[q] != 0) << q;
#endif
  return mask;
}

#define DEFINE_LIGHT(T, WORD)                                                                                      \
  size_t fingal_light##T(                                                                                          \
      const int32_t *restrict pixel, const float *restrict hit_values, const uint32_t *restrict counts,            \
      const uint8_t *restrict wanted, size_t events, uint32_t *restrict places, uint32_t *restrict next,           \
      WORD *restrict lit, float *restrict values, uint32_t *restrict ends, fingal_hit_tally *restrict tally) {     \
    uint32_t *restrict const image = places + 2;                                                                   \
    size_t hit = 0, k = 0;                                                                                         \
    uint32_t first = *next;                                                                                        \
    for (size_t e = 0; e < events; e++) {                                                                          \
      const size_t end = hit + counts[e], start = k;                                                               \
      fingal_hit_tally of_event = {0, 0, 0};                                                                       \
      if (wanted[e]) {                                                                                             \
        uint32_t outside = 0, skipped = 0;                                                                         \
        for (size_t i = hit; i < end; i++) {                                                                       \
          outside += pixel[i] == -1;                                                                               \
          skipped += pixel[i] == -2;                                                                               \
        }                                                                                                          \
        if (outside + skipped == 0) {                                                                              \
          LIGHT(WORD, true)                                                                                        \
        } else {                                                                                                   \
          LIGHT(WORD, p >= 0)                                                                                      \
        }                                                                                                          \
        first += (uint32_t)(k - start) + 1;                                                                        \
        uint32_t zeros = 0;                                                                                        \
        for (size_t j = start; j < k; j++) zeros += values[j] == 0;                                                \
        if (zeros > 0) {                                                                                           \
          size_t kept = start;                                                                                     \
          for (size_t j = start; j < k; j++) {                                                                     \
            lit[kept] = lit[j];                                                                                    \
            values[kept] = values[j];                                                                              \
            kept += values[j] != 0;                                                                                \
          }                                                                                                        \
          k = kept;                                                                                                \
        }                                                                                                          \
        of_event = (fingal_hit_tally){counts[e], outside, skipped};                                                \
      }                                                                                                            \
      hit = end;                                                                                                   \
      ends[e] = (uint32_t)k;                                                                                       \
      tally[e] = of_event;                                                                                         \
    }                                                                                                              \
    *next = first;                                                                                                 \
    return k;                                                                                                      \
  }                                                                                                                \
  size_t fingal_light_row##T(                                                                                      \
      const float *restrict row, size_t n, WORD *restrict lit, float *restrict values,                             \
      fingal_hit_tally *restrict tally) {                                                                          \
    size_t k = 0, i = 0;                                                                                           \
    uint32_t hits = 0, skipped = 0;                                                                                \
    for (; i + 32 <= n; i += 32) {                                                                                 \
      for (uint32_t mask = lit_of_32(row + i); mask != 0; mask &= mask - 1) {                                      \
        const size_t j = i + (size_t)__builtin_ctz(mask);                                                          \
        const float v = row[j];                                                                                    \
        lit[k] = (WORD)j;                                                                                          \
        values[k] = v;                                                                                             \
        hits++;                                                                                                    \
        skipped += v != v;                                                                                         \
        k += (size_t)(v == v);                                                                                     \
      }                                                                                                            \
    }                                                                                                              \
    for (; i < n; i++) {                                                                                           \
      const float v = row[i];                                                                                      \
      lit[k] = (WORD)i;                                                                                            \
      values[k] = v;                                                                                               \
      hits += v != 0;                                                                                              \
      skipped += v != v;                                                                                           \
      k += (size_t)((v != 0) & (v == v));                                                                          \
    }                                                                                                              \
    *tally = (fingal_hit_tally){hits, 0, skipped};                                                                 \
    return k;                                                                                                      \
  }                                                                                                                \
  void fingal_draw##T(const WORD *restrict lit, const float *restrict values, size_t n, float *restrict image) {   \
    for (size_t i = 0; i < n; i++) image[lit[i]] = values[i];                                                      \
  }                                                                                                                \
  void fingal_clear##T(const WORD *restrict lit, size_t n, float *restrict image) {                                \
    for (size_t i = 0; i < n; i++) image[lit[i]] = 0;                                                              \
  }                                                                                                                \
  void fingal_fetch##T(const WORD *restrict lit, size_t n, const float *image) {                                   \
    for (size_t i = 0; i < n; i++) __builtin_prefetch(image + lit[i], 1, 2);                                       \
  }

DEFINE_LIGHT(16, uint16_t)
DEFINE_LIGHT(32, uint32_t)

FINGAL_DISPATCH void fingal_scale(float *restrict values, size_t n, float factor) {
  for (size_t i = 0; i < n; i++) values[i] *= factor;
}

FINGAL_DISPATCH bool fingal_all_zero(const float *values, size_t n) {
  uint32_t any = 0;
  for (size_t i = 0; i < n; i++) any |= values[i] != 0;
  return any == 0;
}
