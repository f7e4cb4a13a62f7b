/* Digits, ranks and split words to floats: what readers spend their time on. `decimal.c` is the way there. */
#include "fingal_kernels.h"

#include <string.h>

/* A fused multiply-add would round once where the format rounds twice. */
#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline))

/* Blocks small enough to stay in the first-level cache between the look at their range and the arithmetic. */
enum { BLOCK = 1024 };

/* All exactly representable in binary64 (10^22 = 2^22 * 5^22, and 5^22 < 2^53), up to 10^10 also in binary32. */
static const double powers[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

INLINE double double_of(uint64_t bits) {
  double x;
  memcpy(&x, &bits, 8);
  return x;
}

INLINE uint64_t bits_of(double x) {
  uint64_t bits;
  memcpy(&bits, &x, 8);
  return bits;
}

INLINE uint32_t bits_of_float(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  return bits;
}

/* (double)d for any int64, with vector instructions that every x86-64 has: the high half as 2^84 + 2^63 + high * 2^32,
   the low one as 2^52 + low; both differences are exact, and the sum rounds once. */
INLINE double from_int64(int64_t d) {
  const uint64_t high = (((uint64_t)d >> 32) ^ 0x80000000u) | 0x4530000000000000u;
  const uint64_t low = ((uint64_t)d & 0xffffffffu) | 0x4330000000000000u;
  const double a = double_of(high) - (0x1p84 + 0x1p63);
  const double b = double_of(low) - 0x1p52;
  return a + b;
}

/* ---- Specials. `how` is a constant wherever this is inlined: no specials, a single one, or a table of 16. ---- */

enum { NONE, ONE, SEVERAL };
INLINE int how_many(const fingal_specials *specials) {
  return specials->count == 0 ? NONE : specials->count == 1 ? ONE : SEVERAL;
}

#define DEFINE_SPECIAL(T, WORD)                                                                    \
  INLINE int is_special##T(WORD word, WORD first, WORD count, const int how) {                     \
    return how == NONE ? 0 : how == ONE ? word == first : (WORD)(word - first) < count;            \
  }                                                                                                \
  INLINE WORD special##T(WORD word, WORD first, WORD count, const WORD *bits, WORD value, const int how) { \
    if (how == NONE) return value;                                                                 \
    const WORD instead = how == ONE ? bits[0] : bits[(word - first) & 15];                         \
    return is_special##T(word, first, count, how) ? instead : value;                               \
  }

DEFINE_SPECIAL(32, uint32_t)
DEFINE_SPECIAL(64, uint64_t)

/* The kinds of specials as a switch around a loop that takes the kind as a constant. */
#define BY_SPECIALS(how, CALL)    \
  switch (how) {                  \
    case NONE: CALL(NONE); break; \
    case ONE: CALL(ONE); break;   \
    default: CALL(SEVERAL);       \
  }

/* ---- ALP: digits. ---- */

enum { SHORT, DIVIDE, MULTIPLY };

INLINE void digits32(
    uint32_t *words, size_t n, double power, const fingal_specials *specials, const uint32_t *bits, const int way,
    const int how) {
  const uint32_t first = (uint32_t)specials->first, count = (uint32_t)specials->count;
  const float short_power = (float)power;
  for (size_t i = 0; i < n; i++) {
    const uint32_t word = words[i];
    const int32_t d = (int32_t)word;
    const float x = way == SHORT    ? (float)d / short_power
                    : way == DIVIDE ? (float)((double)d / power)
                                    : (float)((double)d * power);
    words[i] = special32(word, first, count, bits, bits_of_float(x), how);
  }
}

/* Whether |d| <= 2^24 - 1 for all: the division may then be one of binary32, all operands being exact, and the quotient
   is rounded as it is by way of binary64 (53 >= 2*24 + 2 bits). Three times as fast. */
INLINE int are_short(const uint32_t *words, size_t n) {
  uint32_t seen = 0;
  for (size_t i = 0; i < n; i++) seen |= words[i] ^ (uint32_t)((int32_t)words[i] >> 31);
  return seen >> 24 == 0;
}

FINGAL_DISPATCH void fingal_alp_decode32(
    uint32_t *restrict words, size_t n, int exponent, const fingal_specials *restrict specials) {
  uint32_t bits[16];
  for (int i = 0; i < 16; i++) bits[i] = (uint32_t)specials->bits[i];
  const int how = how_many(specials);
  const double power = powers[exponent < 0 ? -exponent : exponent];
  for (size_t start = 0; start < n; start += BLOCK) {
    const size_t m = n - start < BLOCK ? n - start : BLOCK;
    uint32_t *block = words + start;
    if (exponent < 0) {
#define CALL(HOW) digits32(block, m, power, specials, bits, MULTIPLY, HOW)
      BY_SPECIALS(how, CALL)
#undef CALL
    } else if (exponent <= 10 && are_short(block, m)) {
#define CALL(HOW) digits32(block, m, power, specials, bits, SHORT, HOW)
      BY_SPECIALS(how, CALL)
#undef CALL
    } else {
#define CALL(HOW) digits32(block, m, power, specials, bits, DIVIDE, HOW)
      BY_SPECIALS(how, CALL)
#undef CALL
    }
  }
}

INLINE void digits64(
    uint64_t *words, size_t n, double power, const fingal_specials *specials, const int way, const int how) {
  for (size_t i = 0; i < n; i++) {
    const uint64_t word = words[i];
    const double d = from_int64((int64_t)word);
    const double x = way == DIVIDE ? d / power : d * power;
    words[i] = special64(word, specials->first, specials->count, specials->bits, bits_of(x), how);
  }
}

FINGAL_DISPATCH void fingal_alp_decode64(
    uint64_t *restrict words, size_t n, int exponent, const fingal_specials *restrict specials) {
  const int how = how_many(specials);
  const double power = powers[exponent < 0 ? -exponent : exponent];
  if (exponent < 0) {
#define CALL(HOW) digits64(words, n, power, specials, MULTIPLY, HOW)
    BY_SPECIALS(how, CALL)
#undef CALL
  } else {
#define CALL(HOW) digits64(words, n, power, specials, DIVIDE, HOW)
    BY_SPECIALS(how, CALL)
#undef CALL
  }
}

/* ---- DECIMAL: ranks. ----

   Which decade a rank belongs to could be a division and two gathers. A block of a real column has few decades, though:
   then comparing with where each begins, and choosing its power, is a fraction of that. `D` is the number of decades,
   a constant wherever it is inlined. x = m * up / down, one of them 1, so that one of the operations is exact and the
   other is the format's. */

enum { MOST_DECADES = 8 };

/* The decades from `low` on; those above `high` are never reached, and repeat it. Tables in the type of the loop: had
   they another, compilers would choose first and convert then, once a value. */
#define DEFINE_DECADES(T, INT, FLOAT)                                                              \
  typedef struct {                                                                                 \
    INT starts[MOST_DECADES]; /* |r| - 1 from which on the decade holds */                         \
    INT skips[MOST_DECADES];  /* m = |r| - 1 - skip */                                             \
    FLOAT up[MOST_DECADES], down[MOST_DECADES];                                                    \
  } decade_table##T;                                                                               \
  INLINE void fill_decades##T(decade_table##T *table, int low, int high, INT S, int e0) {          \
    for (int j = 0; j < MOST_DECADES; j++) {                                                       \
      const int q = low + j <= high ? low + j : high;                                              \
      const int exponent = -(e0 + q);                                                              \
      table->starts[j] = S * q;                                                                    \
      table->skips[j] = S * q - S / 9;                                                             \
      table->up[j] = exponent < 0 ? (FLOAT)powers[-exponent] : 1;                                  \
      table->down[j] = exponent < 0 ? 1 : (FLOAT)powers[exponent];                                 \
    }                                                                                              \
  }

DEFINE_DECADES(32, int32_t, float)
DEFINE_DECADES(64, int64_t, double)

/* All operands are exact in binary32 (m < 10^7, powers to 10^10), so that the result is rounded as it is by way of
   binary64: quotients as above, products because they are exact there (24 + 24 bits). */
INLINE void ranks32(
    uint32_t *words, size_t n, const decade_table32 *table, const fingal_specials *specials, const uint32_t *bits,
    const int D, const int both, const int how) {
  const uint32_t first = (uint32_t)specials->first, count = (uint32_t)specials->count;
  const decade_table32 t = *table;
  for (size_t i = 0; i < n; i++) {
    const uint32_t word = words[i];
    const uint32_t sign = word & 0x80000000u;
    const uint32_t size = sign ? 0u - word : word;
    const int32_t a = (int32_t)(size - 1);
    int32_t skip = t.skips[0];
    float multiplier = t.up[0], divisor = t.down[0];
#pragma clang loop unroll(full)
    for (int j = 1; j < D; j++) {
      const int here = a >= t.starts[j];
      skip = here ? t.skips[j] : skip;
      divisor = here ? t.down[j] : divisor;
      if (both) multiplier = here ? t.up[j] : multiplier;
    }
    const float m = (float)(int32_t)((uint32_t)a - (uint32_t)skip);
    const float x = both ? m * multiplier / divisor : m / divisor;
    const uint32_t value = word == 0 ? 0 : bits_of_float(x) | sign;
    words[i] = special32(word, first, count, bits, value, how);
  }
}

INLINE void ranks64(
    uint64_t *words, size_t n, const decade_table64 *table, const fingal_specials *specials, const int D,
    const int how) {
  const decade_table64 t = *table;
  for (size_t i = 0; i < n; i++) {
    const uint64_t word = words[i];
    const uint64_t sign = word & 0x8000000000000000u;
    const uint64_t size = sign ? 0 - word : word;
    const int64_t a = (int64_t)(size - 1);
    int64_t skip = t.skips[0];
    double multiplier = t.up[0], divisor = t.down[0];
#pragma clang loop unroll(full)
    for (int j = 1; j < D; j++) {
      const int here = a >= t.starts[j];
      skip = here ? t.skips[j] : skip;
      divisor = here ? t.down[j] : divisor;
      multiplier = here ? t.up[j] : multiplier;
    }
    /* m < 10^15 < 2^52: the low bits of a float between 2^52 and 2^53. Nonsense for r = 0, which is replaced. */
    const double m = double_of(((uint64_t)a - (uint64_t)skip) | 0x4330000000000000u) - 0x1p52;
    const double x = m * multiplier / divisor;
    const uint64_t value = word == 0 ? 0 : bits_of(x) | sign;
    words[i] = special64(word, specials->first, specials->count, specials->bits, value, how);
  }
}

/* Any decades, any powers: the quotient by way of binary64, which is off by one at most, and is mended. */
#define DEFINE_ANY_RANKS(T, WORD, INT, FLOAT, BITS_OF)                                                     \
  INLINE void any_ranks##T(                                                                                \
      WORD *words, size_t n, int64_t S, int e0, int high, const fingal_specials *specials,                 \
      const WORD *bits, const int how) {                                                                   \
    const WORD first = (WORD)specials->first, count = (WORD)specials->count;                               \
    /* Indexed by six bits, so that the words that are no ranks (zeros, specials) read inside, too. */      \
    double up[64], down[64];                                                                               \
    for (int q = 0; q < 64; q++) {                                                                         \
      const int exponent = q <= high ? -(e0 + q) : 0;                                                      \
      up[q] = exponent < 0 ? powers[-exponent] : 1;                                                        \
      down[q] = exponent < 0 ? 1 : powers[exponent];                                                       \
    }                                                                                                      \
    const int64_t smallest = S / 9;                                                                        \
    const double inverse = 1 / (double)S;                                                                  \
    for (size_t i = 0; i < n; i++) {                                                                       \
      const WORD word = words[i];                                                                          \
      const WORD sign = word & (WORD)1 << (T - 1);                                                         \
      const WORD size = sign ? 0 - word : word;                                                            \
      const int64_t a = (int64_t)(INT)(size - 1);                                                          \
      const uint64_t nearest = bits_of(from_int64(a) * inverse + 0x1p52) & 63;                             \
      const int64_t rest = a - (int64_t)nearest * S;                                                       \
      const uint64_t q = (rest < 0 ? nearest - 1 : nearest) & 63;                                          \
      const int64_t m = (rest < 0 ? rest + S : rest) + smallest;                                           \
      const FLOAT x = (FLOAT)(from_int64(m) * up[q] / down[q]);                                            \
      const WORD value = word == 0 ? 0 : BITS_OF(x) | sign;                                                \
      words[i] = special##T(word, first, count, bits, value, how);                                         \
    }                                                                                                      \
  }

DEFINE_ANY_RANKS(32, uint32_t, int32_t, float, bits_of_float)
DEFINE_ANY_RANKS(64, uint64_t, int64_t, double, bits_of)

/* The smallest and the largest |r| of a block, specials and zeros left out; low > high if nothing is left. */
#define DEFINE_SIZES(T, WORD)                                                                      \
  INLINE void sizes##T(                                                                            \
      const WORD *words, size_t n, const fingal_specials *specials, WORD *low, WORD *high, const int how) { \
    const WORD first = (WORD)specials->first, count = (WORD)specials->count;                       \
    WORD smallest = (WORD)~(WORD)0, largest = 0; /* of |r| - 1, and of |r| */                      \
    for (size_t i = 0; i < n; i++) {                                                               \
      const WORD word = words[i];                                                                  \
      const WORD size = word >> (T - 1) ? 0 - word : word;                                         \
      const WORD seen = is_special##T(word, first, count, how) ? 0 : size;                         \
      largest = seen > largest ? seen : largest;                                                   \
      smallest = (WORD)(seen - 1) < smallest ? (WORD)(seen - 1) : smallest;                        \
    }                                                                                              \
    *low = smallest + 1; /* zeros became the largest word there is */                              \
    *high = largest;                                                                               \
  }

DEFINE_SIZES(32, uint32_t)
DEFINE_SIZES(64, uint64_t)

FINGAL_DISPATCH bool fingal_rank_decode32(
    uint32_t *restrict words, size_t n, int digits, int e0, const fingal_specials *restrict specials) {
  uint32_t bits[16];
  for (int i = 0; i < 16; i++) bits[i] = (uint32_t)specials->bits[i];
  const int how = how_many(specials);
  const uint32_t S = 9 * (uint32_t)powers[digits - 1];
  const uint32_t limit = S * (uint32_t)(23 - e0);
  for (size_t start = 0; start < n; start += BLOCK) {
    const size_t m = n - start < BLOCK ? n - start : BLOCK;
    uint32_t *block = words + start;
    uint32_t smallest, largest;
#define CALL(HOW) sizes32(block, m, specials, &smallest, &largest, HOW)
    BY_SPECIALS(how, CALL)
#undef CALL
    if (largest > limit) return false;
    const int high = largest == 0 ? 0 : (int)((largest - 1) / S);
    const int low = largest == 0 ? 0 : (int)((smallest - 1) / S);
    const int decades = high - low + 1;
    if (decades > MOST_DECADES || e0 + low < -10 || e0 + high > 10) {
#define CALL(HOW) any_ranks32(block, m, S, e0, high, specials, bits, HOW)
      BY_SPECIALS(how, CALL)
#undef CALL
      continue;
    }
    decade_table32 table;
    fill_decades32(&table, low, high, (int32_t)S, e0);
    const int both = e0 + high > 0;
#define CALL(HOW)                                                                          \
  if (decades <= 4 && !both) ranks32(block, m, &table, specials, bits, 4, 0, HOW);         \
  else if (decades <= 4) ranks32(block, m, &table, specials, bits, 4, 1, HOW);             \
  else if (!both) ranks32(block, m, &table, specials, bits, MOST_DECADES, 0, HOW);         \
  else ranks32(block, m, &table, specials, bits, MOST_DECADES, 1, HOW)
    BY_SPECIALS(how, CALL)
#undef CALL
  }
  return true;
}

FINGAL_DISPATCH bool fingal_rank_decode64(
    uint64_t *restrict words, size_t n, int digits, int e0, const fingal_specials *restrict specials) {
  const int how = how_many(specials);
  const uint64_t S = 9 * (uint64_t)powers[digits - 1];
  const uint64_t limit = S * (uint64_t)(23 - e0);
  for (size_t start = 0; start < n; start += BLOCK) {
    const size_t m = n - start < BLOCK ? n - start : BLOCK;
    uint64_t *block = words + start;
    uint64_t smallest, largest;
#define CALL(HOW) sizes64(block, m, specials, &smallest, &largest, HOW)
    BY_SPECIALS(how, CALL)
#undef CALL
    if (largest > limit) return false;
    const int high = largest == 0 ? 0 : (int)((largest - 1) / S);
    const int low = largest == 0 ? 0 : (int)((smallest - 1) / S);
    const int decades = high - low + 1;
    if (decades > MOST_DECADES) {
#define CALL(HOW) any_ranks64(block, m, (int64_t)S, e0, high, specials, specials->bits, HOW)
      BY_SPECIALS(how, CALL)
#undef CALL
      continue;
    }
    decade_table64 table;
    fill_decades64(&table, low, high, (int64_t)S, e0);
#define CALL(HOW)                                                                \
  if (decades <= 4) ranks64(block, m, &table, specials, 4, HOW);                 \
  else ranks64(block, m, &table, specials, MOST_DECADES, HOW)
    BY_SPECIALS(how, CALL)
#undef CALL
  }
  return true;
}

/* ---- ALP_RD. ---- */

#define DEFINE_JOIN(T, WORD)                                                                       \
  FINGAL_DISPATCH void fingal_join##T(                                                             \
      WORD *restrict words, const uint8_t *restrict codes, size_t n, const uint16_t *restrict lefts, \
      unsigned right) {                                                                            \
    WORD shifted[16];                                                                              \
    for (int i = 0; i < 16; i++) shifted[i] = (WORD)lefts[i] << right;                             \
    for (size_t i = 0; i < n; i++) words[i] |= shifted[codes[i] & 15];                             \
  }

DEFINE_JOIN(32, uint32_t)
DEFINE_JOIN(64, uint64_t)
