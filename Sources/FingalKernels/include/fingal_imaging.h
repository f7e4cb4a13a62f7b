/* Hits to images: pixel indices an axis at a time, hits added up to lit pixels, lit pixels drawn and cleared.

   A pixel index is an int32: -1 outside the image, -2 a hit whose value is NaN. Callers have checked every count, and
   that the bins of all axes make at most 2^24 pixels. Lists of lit pixels hold 16-bit indices for images of at most 2^16
   pixels, else 32-bit ones. */
#ifndef FINGAL_IMAGING_H
#define FINGAL_IMAGING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One axis on: pixel = pixel * bins + bin, or -1 where it was -1 or x is not in [low, high). All in double precision:
   bin = min(trunc((x - low) * per_unit), bins - 1), since rounding may carry a value just below the edge to it. */
#define FINGAL_DECLARE_BIN(NAME, T) \
  void fingal_bin_##NAME(          \
      const T *x, size_t n, double low, double high, double per_unit, int32_t bins, int32_t *pixel);
FINGAL_DECLARE_BIN(u8, uint8_t)
FINGAL_DECLARE_BIN(i8, int8_t)
FINGAL_DECLARE_BIN(u16, uint16_t)
FINGAL_DECLARE_BIN(i16, int16_t)
FINGAL_DECLARE_BIN(u32, uint32_t)
FINGAL_DECLARE_BIN(i32, int32_t)
FINGAL_DECLARE_BIN(u64, uint64_t)
FINGAL_DECLARE_BIN(i64, int64_t)
FINGAL_DECLARE_BIN(f32, float)
FINGAL_DECLARE_BIN(f64, double)

/* The same for small integers with one bin a whole number from `low`, |low| <= 2^30. */
#define FINGAL_DECLARE_WHOLE(NAME, T) \
  void fingal_whole_##NAME(const T *x, size_t n, int32_t low, int32_t bins, int32_t *pixel);
FINGAL_DECLARE_WHOLE(u8, uint8_t)
FINGAL_DECLARE_WHOLE(i8, int8_t)
FINGAL_DECLARE_WHOLE(u16, uint16_t)
FINGAL_DECLARE_WHOLE(i16, int16_t)

/* The grid of hexagonal cells: column = iv + 7 of 15, row = (2 iu + iv + 11) / 2 of 12, the division truncating. -1
   outside the grid, for fractions, and for numbers that are not below 1,000. */
void fingal_hex(const double *iu, const double *iv, size_t n, int32_t *pixel);

/* pixel = mark where the validity is 0. */
void fingal_mark_nulls(const uint8_t *valid, size_t n, int32_t mark, int32_t *pixel);
/* pixel = -2 where the value is NaN. */
void fingal_mark_nans(const float *values, size_t n, int32_t *pixel);

#define FINGAL_DECLARE_FLOATS(NAME, T) void fingal_floats_##NAME(const T *x, size_t n, float *out);
FINGAL_DECLARE_FLOATS(u8, uint8_t)
FINGAL_DECLARE_FLOATS(i8, int8_t)
FINGAL_DECLARE_FLOATS(u16, uint16_t)
FINGAL_DECLARE_FLOATS(i16, int16_t)
FINGAL_DECLARE_FLOATS(u32, uint32_t)
FINGAL_DECLARE_FLOATS(i32, int32_t)
FINGAL_DECLARE_FLOATS(u64, uint64_t)
FINGAL_DECLARE_FLOATS(i64, int64_t)
FINGAL_DECLARE_FLOATS(f64, double)

/* What became of the hits of an event. */
typedef struct {
  uint32_t hits, outside, skipped;
} fingal_hit_tally;

#define FINGAL_DECLARE_LIGHT(T, WORD)                                                                                 \
  /* Adds up the hits of each wanted event in the order in which they stand, and lists the pixels that are not zero  \
     then, in the order in which their first hits stand. `places` has pixels + 2 numbers below `*next`, which is 1 or \
     more, grows by at most the hits and events, and must not pass 2^32 - 1: kept from call to call.                  \
     `lit` and `values` have room for one more than there are hits. `ends[e]` becomes the end of event e's list,      \
     counted from `first`. Returns the length of all lists. */                                                        \
  size_t fingal_light##T(                                                                                             \
      const int32_t *pixel, const float *hit_values, const uint32_t *counts, const uint8_t *wanted, size_t events,    \
      uint32_t *places, uint32_t *next, WORD *lit, float *values, uint32_t *ends, fingal_hit_tally *tally);           \
  /* The same for one row of a tensor: what is neither zero nor NaN. Returns the length of the list, for which there  \
     is room for one more than that. */                                                                               \
  size_t fingal_light_row##T(const float *row, size_t n, WORD *lit, float *values, fingal_hit_tally *tally);          \
  /* Pixels of an image that holds zeros, and back. */                                                                \
  void fingal_draw##T(const WORD *lit, const float *values, size_t n, float *image);                                  \
  void fingal_clear##T(const WORD *lit, size_t n, float *image);                                                      \
  /* Asks for the pixels that will be cleared soon: stores to memory that is in no cache wait one after another. */   \
  void fingal_fetch##T(const WORD *lit, size_t n, const float *image);
FINGAL_DECLARE_LIGHT(16, uint16_t)
FINGAL_DECLARE_LIGHT(32, uint32_t)

/* value = value * factor. */
void fingal_scale(float *values, size_t n, float factor);

/* Whether n floats are all zero. */
bool fingal_all_zero(const float *values, size_t n);

/* Asks for memory that will be read soon. */
static inline void fingal_prefetch(const void *start, size_t bytes) {
  for (size_t i = 0; i < bytes; i += 64) __builtin_prefetch((const char *)start + i);
}

#endif
