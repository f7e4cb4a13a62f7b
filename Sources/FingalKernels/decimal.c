#include "fingal_kernels.h"

#include <string.h>

/* A fused multiply-add would round once where the format rounds twice. */
#pragma STDC FP_CONTRACT OFF

/* All exactly representable in binary64 (10^22 = 2^22 * 5^22, and 5^22 < 2^53), up to 10^10 also in binary32. */
static const double powers[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

static inline double from_bits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, 8);
  return x;
}

static inline uint64_t to_bits(double x) {
  uint64_t bits;
  memcpy(&bits, &x, 8);
  return bits;
}

/* (double)d for any int64, with vector instructions that every x86-64 has: the high half as 2^84 + 2^63 + high * 2^32,
   the low one as 2^52 + low; both differences are exact, and the sum rounds once. */
static inline double from_int64(int64_t d) {
  const uint64_t high = (((uint64_t)d >> 32) ^ 0x80000000u) | 0x4530000000000000u;
  const uint64_t low = ((uint64_t)d & 0xffffffffu) | 0x4330000000000000u;
  const double a = from_bits(high) - (0x1p84 + 0x1p63);
  const double b = from_bits(low) - 0x1p52;
  return a + b;
}

FINGAL_DISPATCH void fingal_decimal_decode32(
    const int32_t *restrict digits, size_t n, int exponent, float *restrict out) {
  if (exponent >= 0) {
    const double power = powers[exponent];
    for (size_t i = 0; i < n; i++) out[i] = (float)((double)digits[i] / power);
  } else {
    const double power = powers[-exponent];
    for (size_t i = 0; i < n; i++) out[i] = (float)((double)digits[i] * power);
  }
}

FINGAL_DISPATCH void fingal_decimal_decode32_small(
    const int32_t *restrict digits, size_t n, int exponent, float *restrict out) {
  const float power = (float)powers[exponent];
  for (size_t i = 0; i < n; i++) out[i] = (float)digits[i] / power;
}

FINGAL_DISPATCH void fingal_decimal_decode64(
    const int64_t *restrict digits, size_t n, int exponent, double *restrict out) {
  if (exponent >= 0) {
    const double power = powers[exponent];
    for (size_t i = 0; i < n; i++) out[i] = from_int64(digits[i]) / power;
  } else {
    const double power = powers[-exponent];
    for (size_t i = 0; i < n; i++) out[i] = from_int64(digits[i]) * power;
  }
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
