/* The encoder's side of decimal floats; `decimal_decode.c` is the way back. */
#include "fingal_kernels.h"

#include <string.h>

/* A fused multiply-add would round once where the format rounds twice. */
#pragma STDC FP_CONTRACT OFF

/* All exactly representable in binary64 (10^22 = 2^22 * 5^22, and 5^22 < 2^53), up to 10^10 also in binary32. */
static const double powers[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static inline uint64_t to_bits(double x) {
  uint64_t bits;
  memcpy(&bits, &x, 8);
  return bits;
}

/* Adding 1.5 * 2^52 rounds to the nearest integer and leaves it in the low bits: right for |y| <= 2^51. */
static const double round_magic = 0x1.8p52;

/* exponent < 0 divides by the power on the way in and multiplies on the way out; the branch is outside the loop. */
#define ENCODE_LOOP(INT, FLOAT, BITS, LIMIT, IN, OUT)                                              \
  for (size_t i = 0; i < n; i++) {                                                                 \
    const double x = (double)values[i];                                                            \
    const double y = x IN power;                                                                   \
    const double inside = __builtin_fabs(y) <= (LIMIT) ? y : 0;                                    \
    const double shifted = inside + round_magic;                                                   \
    const INT d = (INT)(to_bits(shifted) - to_bits(round_magic));                                  \
    const double whole = shifted - round_magic;                                                    \
    const double quotient = whole OUT power;                                                       \
    const FLOAT back = (FLOAT)quotient;                                                            \
    BITS a, b;                                                                                     \
    memcpy(&a, &back, sizeof a);                                                                   \
    memcpy(&b, &values[i], sizeof b);                                                              \
    digits[i] = a == b ? d : 0;                                                                    \
    bad[i] = a != b;                                                                               \
  }

#define DEFINE_ENCODE(T, INT, FLOAT, BITS, LIMIT)                                                  \
  FINGAL_DISPATCH size_t fingal_decimal_encode##T(                                                 \
      const FLOAT *restrict values, size_t n, int exponent, INT *restrict digits,                  \
      uint8_t *restrict bad) {                                                                     \
    if (exponent >= 0) {                                                                           \
      const double power = powers[exponent];                                                       \
      ENCODE_LOOP(INT, FLOAT, BITS, LIMIT, *, /)                                                   \
    } else {                                                                                       \
      const double power = powers[-exponent];                                                      \
      ENCODE_LOOP(INT, FLOAT, BITS, LIMIT, /, *)                                                   \
    }                                                                                              \
    size_t found = 0;                                                                              \
    for (size_t i = 0; i < n; i++) found += bad[i];                                                \
    return found;                                                                                  \
  }

DEFINE_ENCODE(32, int32_t, float, uint32_t, 2147483647.0)
DEFINE_ENCODE(64, int64_t, double, uint64_t, 0x1p51)

/* ---- Ranks (DECIMAL). ---- */

/* 10^-23 ... 10^37: only to find the decade of a value; the check of the bits decides. */
static const double decades[61] = {
    1e-23, 1e-22, 1e-21, 1e-20, 1e-19, 1e-18, 1e-17, 1e-16, 1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8,
    1e-7,  1e-6,  1e-5,  1e-4,  1e-3,  1e-2,  1e-1,  1e0,   1e1,   1e2,   1e3,   1e4,   1e5,   1e6,   1e7,  1e8,
    1e9,   1e10,  1e11,  1e12,  1e13,  1e14,  1e15,  1e16,  1e17,  1e18,  1e19,  1e20,  1e21,  1e22,  1e23, 1e24,
    1e25,  1e26,  1e27,  1e28,  1e29,  1e30,  1e31,  1e32,  1e33,  1e34,  1e35,  1e36,  1e37};

/* floor(log10 a) for a normal a > 0, or one too few or too many next to a power of ten. */
static inline int decade(double a) {
  const int binary = (int)(to_bits(a) >> 52) - 1023;
  const int low = (int)((binary * 78913) >> 18); /* floor(binary * log10 2) for |binary| < 1650 */
  if (low < -23 || low > 36) return low;
  return low + (a >= decades[low + 24]);
}

/* The rounded mantissa m of a = m * 10^-E with `digits` digits, or -1; the division or product rounds once, so that m is
   off by one at most where a has no such decimal, and then the bits differ. */
static inline int64_t mantissa(double a, int exponent) {
  const double y = exponent >= 0 ? a * powers[exponent] : a / powers[-exponent];
  return y < 0x1p51 ? (int64_t)((y + 0x1p52) - 0x1p52) : -1; /* to nearest */
}

static inline double decimal(int64_t m, int exponent) {
  return exponent >= 0 ? (double)m / powers[exponent] : (double)m * powers[-exponent];
}

#define DEFINE_RANK_ENCODE(T, INT, FLOAT, BITS)                                                    \
  size_t fingal_rank_encode##T(                                                                    \
      const FLOAT *restrict values, size_t n, int digits, INT *restrict ranks,                     \
      uint8_t *restrict bad, unsigned *restrict lowest) {                                          \
    const int64_t smallest = (int64_t)powers[digits - 1], largest = 10 * smallest, S = 9 * smallest; \
    size_t found = 0;                                                                              \
    int low = 45;                                                                                  \
    for (size_t i = 0; i < n; i++) {                                                               \
      BITS bits;                                                                                   \
      memcpy(&bits, &values[i], sizeof bits);                                                      \
      ranks[i] = 0;                                                                                \
      bad[i] = 0;                                                                                  \
      if (bits == 0) continue;                                                                     \
      const double a = __builtin_fabs((double)values[i]);                                          \
      int exponent = digits - 1 - decade(a);                                                       \
      if (exponent == 23) exponent = 22; /* the lowest decimal may be a float just below it */     \
      if (exponent >= -22 && exponent <= 22) {                                                     \
        int64_t m = mantissa(a, exponent);                                                         \
        if (m >= largest) { /* the decade above */                                                 \
          exponent--;                                                                              \
          m = exponent < -22 ? -1 : mantissa(a, exponent);                                         \
        } else if (m < smallest) { /* the decade below */                                          \
          exponent++;                                                                              \
          m = exponent > 22 ? -1 : mantissa(a, exponent);                                          \
        }                                                                                          \
        if (m >= smallest && m < largest) {                                                        \
          const FLOAT back = (FLOAT)__builtin_copysign(decimal(m, exponent), (double)values[i]);   \
          if (memcmp(&back, &values[i], sizeof back) == 0) {                                       \
            const int64_t r = 1 + (m - smallest) + S * (22 - exponent);                            \
            ranks[i] = (INT)(values[i] < 0 ? -r : r);                                              \
            if (22 - exponent < low) low = 22 - exponent;                                          \
            continue;                                                                              \
          }                                                                                        \
        }                                                                                          \
      }                                                                                            \
      bad[i] = 1;                                                                                  \
      found++;                                                                                     \
    }                                                                                              \
    *lowest = (unsigned)low;                                                                       \
    return found;                                                                                  \
  }                                                                                                \
  FINGAL_DISPATCH void fingal_rank_shift##T(                                                       \
      INT *restrict ranks, size_t n, const uint8_t *restrict bad, INT by) {                        \
    for (size_t i = 0; i < n; i++) {                                                               \
      const INT r = ranks[i], shift = bad[i] ? 0 : by;                                             \
      ranks[i] = r > 0 ? r - shift : r < 0 ? r + shift : r;                                        \
    }                                                                                              \
  }

DEFINE_RANK_ENCODE(32, int32_t, float, uint32_t)
DEFINE_RANK_ENCODE(64, int64_t, double, uint64_t)

/* ---- Left and right parts (ALP_RD). ---- */

#define DEFINE_SPLIT(T, WORD)                                                                      \
  size_t fingal_split##T(                                                                          \
      const WORD *restrict words, size_t n, unsigned right, const uint8_t *restrict table,         \
      uint8_t *restrict codes, WORD *restrict rights, uint32_t *restrict exceptions) {             \
    const WORD mask = ((WORD)1 << right) - 1;                                                      \
    size_t found = 0;                                                                              \
    for (size_t i = 0; i < n; i++) {                                                               \
      const uint8_t code = table[words[i] >> right];                                               \
      rights[i] = words[i] & mask;                                                                 \
      codes[i] = code == 255 ? 0 : code;                                                           \
      exceptions[found] = (uint32_t)i;                                                             \
      found += code == 255;                                                                        \
    }                                                                                              \
    return found;                                                                                  \
  }

DEFINE_SPLIT(32, uint32_t)
DEFINE_SPLIT(64, uint64_t)
