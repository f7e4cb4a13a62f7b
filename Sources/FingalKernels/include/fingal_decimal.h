/* Decimal floats as integers (spec/FORMAT.md, "ALP", "DECIMAL", "ALP_RD"). A float is digits * 10^-exponent, computed in
   binary64 with one exact power of ten, hence correctly rounded wherever the digits are below 2^53:

     exponent >= 0:  x = (double)digits / 10^exponent         exponent < 0:  x = (double)digits * 10^-exponent

   and rounded once more to binary32 in columns of that type. -22 <= exponent <= 22.

   Decoders work in place: a page's words are unpacked where its values go, and each word becomes its float. So nothing
   is allocated, and the words are still in the cache. */
#ifndef FINGAL_DECIMAL_H
#define FINGAL_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Words `first` ... `first + count - 1` (count <= 16) are no digits: they stand for the bit patterns `bits`. */
typedef struct {
  uint64_t first;
  uint64_t count;
  uint64_t bits[16];
} fingal_specials;

/* Words of T bits, read as signed digits, to floats. */
void fingal_alp_decode32(uint32_t *words, size_t n, int exponent, const fingal_specials *specials);
void fingal_alp_decode64(uint64_t *words, size_t n, int exponent, const fingal_specials *specials);

/* Words of T bits, read as signed ranks r among the decimals of `digits` significant digits, to floats. With
   S = 9 * 10^(digits-1):

     r = 0: +0        r > 0: (10^(digits-1) + (r-1) mod S) * 10^(e0 + (r-1) div S)        r < 0: minus the value of -r

   False if a word that is no special has a power of ten outside -22...22; the words are then worthless.
   1 <= digits <= 7 (T = 32) or 15 (T = 64); -22 <= e0 <= 22. */
bool fingal_rank_decode32(uint32_t *words, size_t n, int digits, int e0, const fingal_specials *specials);
bool fingal_rank_decode64(uint64_t *words, size_t n, int digits, int e0, const fingal_specials *specials);

/* digits[i] of values[i]; where decoding them would not give the same bits, digits[i] is 0 and bad[i] is 1 (else 0).
   Returns the number of bad ones. Digits stay within +-(2^31 - 1), +-2^51. */
size_t fingal_decimal_encode32(const float *values, size_t n, int exponent, int32_t *digits, uint8_t *bad);
size_t fingal_decimal_encode64(const double *values, size_t n, int exponent, int64_t *digits, uint8_t *bad);

/* The same for ranks, with e0 = -22. `lowest` gets the lowest (r-1) div S of all values but zeros, 45 if there are
   none. Shifting by S * lowest then makes them ranks with e0 = lowest - 22. */
size_t fingal_rank_encode32(
    const float *values, size_t n, int digits, int32_t *ranks, uint8_t *bad, unsigned *lowest);
size_t fingal_rank_encode64(
    const double *values, size_t n, int digits, int64_t *ranks, uint8_t *bad, unsigned *lowest);

/* Moves ranks towards zero: r - by where r > 0, r + by where r < 0. Words whose `bad` is 1 stay. */
void fingal_rank_shift32(int32_t *ranks, size_t n, const uint8_t *bad, int32_t by);
void fingal_rank_shift64(int64_t *ranks, size_t n, const uint8_t *bad, int64_t by);

/* words[i] = lefts[codes[i]] << right | words[i]: the way back from ALP_RD. Codes are below 16. */
void fingal_join32(uint32_t *words, const uint8_t *codes, size_t n, const uint16_t *lefts, unsigned right);
void fingal_join64(uint64_t *words, const uint8_t *codes, size_t n, const uint16_t *lefts, unsigned right);

/* codes[i] = table[words[i] >> right] and rights[i] = the low `right` bits; table has an entry for each of the
   2^(T-right) <= 2^16 left parts. Where the code is 255 (no entry in the dictionary) i goes to `exceptions`, and
   codes[i] is 0. Returns how many; `exceptions` has room for n + 1. */
size_t fingal_split32(
    const uint32_t *words, size_t n, unsigned right, const uint8_t *table, uint8_t *codes, uint32_t *rights,
    uint32_t *exceptions);
size_t fingal_split64(
    const uint64_t *words, size_t n, unsigned right, const uint8_t *table, uint8_t *codes, uint64_t *rights,
    uint32_t *exceptions);

#endif
