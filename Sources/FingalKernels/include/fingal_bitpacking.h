/* Bit packing of words (spec/FORMAT.md, "Bit packing"), one function a word size of T bits.

   A vector of 1,024 values has L = 1024/T lanes; value i is row i/L of lane i%L. Each lane packs its T values, `width`
   bits each, from the lowest bit upwards into `width` words of T bits; word k of lane l is at words[k*L + l]. So all
   lanes shift by the same amount, and a plain loop over the lanes is what a vector unit wants. It takes 128*width bytes.

   A short vector (the last one of a page) packs its n < 1,024 values one after another from the lowest bit upwards, in
   (n*width + 7)/8 bytes: rows of lanes would be mostly padding. Callers have checked every bound. */
#ifndef FINGAL_BITPACKING_H
#define FINGAL_BITPACKING_H

#include <stddef.h>
#include <stdint.h>

#define FINGAL_DECLARE_PACKING(T, WORD)                                                                       \
  /* out[i] = base + packed value i, modulo 2^T, for 1,024 values. 0 <= width <= T. */                        \
  void fingal_unpack##T(const void *words, unsigned width, WORD base, WORD *out);                             \
  /* The inverse, without the base, of values below 2^width. Writes all 128*width bytes. */                   \
  void fingal_pack##T(const WORD *values, unsigned width, void *words);                                       \
  /* The same for a short vector of n < 1,024 values. */                                                      \
  void fingal_unpack_short##T(const void *bytes, unsigned n, unsigned width, WORD base, WORD *out);           \
  void fingal_pack_short##T(const WORD *values, unsigned n, unsigned width, void *bytes);                     \
  /* Minimum and maximum of n >= 1 values by the order of (value ^ flip): flip is 2^(T-1) for signed ones. */ \
  void fingal_range##T(const WORD *values, size_t n, WORD flip, WORD *minimum, WORD *maximum);                \
  /* How many values have (value - minimum), and how many (maximum - value), above `mask`. */                 \
  void fingal_outside##T(                                                                                     \
      const WORD *values, size_t n, WORD minimum, WORD maximum, WORD mask, uint32_t *above, uint32_t *below); \
  /* deltas[i] = values[i] - base, or 0 where that is above `mask`; the positions of those go to             \
     `exceptions` (room for n). Returns how many. */                                                          \
  size_t fingal_frame##T(                                                                                     \
      const WORD *values, size_t n, WORD base, WORD mask, WORD *deltas, uint16_t *exceptions);

FINGAL_DECLARE_PACKING(8, uint8_t)
FINGAL_DECLARE_PACKING(16, uint16_t)
FINGAL_DECLARE_PACKING(32, uint32_t)
FINGAL_DECLARE_PACKING(64, uint64_t)

#endif
