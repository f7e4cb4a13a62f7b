/* Decimal floats as integers (spec/FORMAT.md, "ALP"). A float is digits * 10^-exponent, computed in binary64 with one
   exact power of ten, hence correctly rounded wherever the digits are below 2^53:

     exponent >= 0:  x = (double)digits / 10^exponent         exponent < 0:  x = (double)digits * 10^-exponent

   and rounded once more to binary32 in columns of that type. -22 <= exponent <= 22. */
#ifndef FINGAL_DECIMAL_H
#define FINGAL_DECIMAL_H

#include <stddef.h>
#include <stdint.h>

void fingal_decimal_decode32(const int32_t *digits, size_t n, int exponent, float *out);
/* The same values for digits within +-2^24 and exponents 0...10, by one division in binary32: all operands are exact,
   so the quotient is rounded correctly, as it is by way of binary64 (53 >= 2*24 + 2 bits). Three times as fast. */
void fingal_decimal_decode32_small(const int32_t *digits, size_t n, int exponent, float *out);
void fingal_decimal_decode64(const int64_t *digits, size_t n, int exponent, double *out);

/* digits[i] of values[i]; where decoding them would not give the same bits, digits[i] is 0 and bad[i] is 1 (else 0).
   Returns the number of bad ones. Digits stay within +-(2^31 - 1), +-2^51. */
size_t fingal_decimal_encode32(const float *values, size_t n, int exponent, int32_t *digits, uint8_t *bad);
size_t fingal_decimal_encode64(const double *values, size_t n, int exponent, int64_t *digits, uint8_t *bad);

#endif
