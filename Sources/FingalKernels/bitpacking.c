#include "fingal_kernels.h"

#include <string.h>

enum { VECTOR = 1024, ROW_BYTES = 128 };  /* a word row is L words of T bits */

/* Words at any alignment: pages are not aligned in their cluster. */
typedef uint32_t any32 __attribute__((aligned(1), may_alias));
typedef uint64_t any64 __attribute__((aligned(1), may_alias));

/* ---- 32 and 64 bits: the shift of the word is the shift of the lane. ---- */

#define DEFINE_WIDE(T, WORD, ANY)                                                                                 \
  FINGAL_DISPATCH void fingal_unpack##T(                                                                          \
      const void *restrict words, unsigned width, WORD base, WORD *restrict out) {                 \
    enum { L = 1024 / T };                                                                                        \
    if (width == 0) {                                                                                             \
      for (unsigned i = 0; i < VECTOR; i++) out[i] = base;                                                      \
      return;                                                                                                     \
    }                                                                                                             \
    const WORD mask = (WORD)~(WORD)0 >> (T - width);                                                              \
    for (unsigned r = 0; r < T; r++) {                                                                         \
      const unsigned k = r * width / T, s = r * width % T;                                                        \
      const ANY *low = (const ANY *)((const char *)words + k * ROW_BYTES);                                        \
      WORD *o = out + r * L;                                                                                      \
      if (s + width <= T) {                                                                                       \
        for (unsigned l = 0; l < L; l++) o[l] = ((low[l] >> s) & mask) + base;                                    \
      } else {                                                                                                    \
        for (unsigned l = 0; l < L; l++) o[l] = (((low[l] >> s) | (low[l + L] << (T - s))) & mask) + base;        \
      }                                                                                                           \
    }                                                                                                             \
  }                                                                                                               \
  FINGAL_DISPATCH void fingal_pack##T(                                                                            \
      const WORD *restrict values, unsigned width, void *restrict words) {                         \
    enum { L = 1024 / T };                                                                                        \
    memset(words, 0, (size_t)width * ROW_BYTES);                                           \
    if (width == 0) return;                                                                                       \
    for (unsigned r = 0; r < T; r++) {                                                                         \
      const unsigned k = r * width / T, s = r * width % T;                                                        \
      ANY *low = (ANY *)((char *)words + k * ROW_BYTES);                                                          \
      const WORD *v = values + r * L;                                                                             \
      for (unsigned l = 0; l < L; l++) low[l] |= v[l] << s;                                                       \
      if (s + width > T)                                                                                          \
        for (unsigned l = 0; l < L; l++) low[l + L] |= v[l] >> (T - s);                                           \
    }                                                                                                             \
  }

DEFINE_WIDE(32, uint32_t, any32)
DEFINE_WIDE(64, uint64_t, any64)

/* ---- 8 and 16 bits: no vector unit shifts bytes, so whole 64-bit words are shifted and what crossed from one lane
   into its neighbour is masked away. ---- */

#define REPEAT8(x) ((uint64_t)(uint8_t)(x) * 0x0101010101010101u)
#define REPEAT16(x) ((uint64_t)(uint16_t)(x) * 0x0001000100010001u)

#define DEFINE_NARROW(T, WORD, REPEAT)                                                                            \
  FINGAL_DISPATCH void fingal_unpack##T(                                                                          \
      const void *restrict words, unsigned width, WORD base, WORD *restrict out) {                 \
    enum { L = 1024 / T, Q = ROW_BYTES / 8 };                                                                     \
    if (width == 0) {                                                                                             \
      for (unsigned i = 0; i < VECTOR; i++) out[i] = base;                                                      \
      return;                                                                                                     \
    }                                                                                                             \
    for (unsigned r = 0; r < T; r++) {                                                                         \
      const unsigned k = r * width / T, s = r * width % T;                                                        \
      const any64 *low = (const any64 *)((const char *)words + k * ROW_BYTES);                                    \
      any64 *o = (any64 *)(out + r * L);                                                                          \
      if (s + width <= T) {                                                                                       \
        const uint64_t mask = REPEAT((1u << width) - 1);                                                          \
        for (unsigned q = 0; q < Q; q++) o[q] = (low[q] >> s) & mask;                                             \
      } else {                                                                                                    \
        const unsigned here = T - s;                                                                              \
        const uint64_t lowMask = REPEAT((1u << here) - 1);                                                        \
        const uint64_t highMask = REPEAT(((1u << width) - 1) & ~((1u << here) - 1));                              \
        for (unsigned q = 0; q < Q; q++)                                                                          \
          o[q] = ((low[q] >> s) & lowMask) | ((low[q + Q] << here) & highMask);                                   \
      }                                                                                                           \
    }                                                                                                             \
    if (base != 0)                                                                                                \
      for (unsigned i = 0; i < VECTOR; i++) out[i] = (WORD)(out[i] + base);                                     \
  }                                                                                                               \
  FINGAL_DISPATCH void fingal_pack##T(                                                                            \
      const WORD *restrict values, unsigned width, void *restrict words) {                         \
    enum { L = 1024 / T, Q = ROW_BYTES / 8 };                                                                     \
    memset(words, 0, (size_t)width * ROW_BYTES);                                           \
    if (width == 0) return;                                                                                       \
    for (unsigned r = 0; r < T; r++) {                                                                         \
      const unsigned k = r * width / T, s = r * width % T;                                                        \
      any64 *low = (any64 *)((char *)words + k * ROW_BYTES);                                                      \
      const any64 *v = (const any64 *)(values + r * L);                                                           \
      const unsigned here = T - s;                                                                                \
      const uint64_t lowMask = REPEAT((1u << here) - 1);                                                          \
      for (unsigned q = 0; q < Q; q++) low[q] |= (v[q] & lowMask) << s;                                           \
      if (width > here) {                                                                                         \
        const uint64_t highMask = REPEAT((1u << (width - here)) - 1);                                             \
        for (unsigned q = 0; q < Q; q++) low[q + Q] |= (v[q] >> here) & highMask;                                 \
      }                                                                                                           \
    }                                                                                                             \
  }

DEFINE_NARROW(8, uint8_t, REPEAT8)
DEFINE_NARROW(16, uint16_t, REPEAT16)

/* ---- Short vectors: one value after another, lowest bit first. ---- */

#define DEFINE_SHORT(T, WORD)                                                                                     \
  FINGAL_DISPATCH void fingal_unpack_short##T(                                                                    \
      const void *restrict bytes, unsigned n, unsigned width, WORD base, WORD *restrict out) {                    \
    /* A copy with room behind it, so that every value can be loaded as whole words. */                           \
    unsigned char padded[VECTOR * T / 8 + 16];                                                                    \
    const unsigned length = (n * width + 7) / 8;                                                                  \
    memcpy(padded, bytes, length);                                                                                \
    memset(padded + length, 0, 16);                                                                               \
    const WORD mask = width == 0 ? 0 : (WORD)((WORD)~(WORD)0 >> (T - width));                                     \
    if (width <= 56) {                                                                                            \
      for (unsigned i = 0; i < n; i++) {                                                                          \
        const unsigned bit = i * width;                                                                           \
        const uint64_t word = *(const any64 *)(padded + bit / 8);                                                 \
        out[i] = (WORD)(((WORD)(word >> (bit % 8)) & mask) + base);                                               \
      }                                                                                                           \
    } else {                                                                                                      \
      for (unsigned i = 0; i < n; i++) {                                                                          \
        const unsigned bit = i * width;                                                                           \
        const uint64_t low = *(const any64 *)(padded + bit / 8) >> (bit % 8);                                     \
        const uint64_t high = (uint64_t)padded[bit / 8 + 8] << 1 << (63 - bit % 8);                               \
        out[i] = (WORD)(((WORD)(low | high) & mask) + base);                                                      \
      }                                                                                                           \
    }                                                                                                             \
  }                                                                                                               \
  void fingal_pack_short##T(const WORD *restrict values, unsigned n, unsigned width, void *restrict bytes) {      \
    unsigned char *out = bytes;                                                                                   \
    uint64_t pending = 0;                                                                                         \
    unsigned filled = 0;                                                                                          \
    for (unsigned i = 0; i < n; i++) {                                                                            \
      const uint64_t value = values[i];                                                                           \
      pending |= value << filled;                                                                                 \
      if (filled + width >= 64) {                                                                                 \
        memcpy(out, &pending, 8);                                                                                 \
        out += 8;                                                                                                 \
        pending = filled == 0 ? 0 : value >> (64 - filled);                                                       \
        filled = filled + width - 64;                                                                             \
      } else {                                                                                                    \
        filled += width;                                                                                          \
      }                                                                                                           \
    }                                                                                                             \
    memcpy(out, &pending, (filled + 7) / 8);                                                                      \
  }

DEFINE_SHORT(8, uint8_t)
DEFINE_SHORT(16, uint16_t)
DEFINE_SHORT(32, uint32_t)
DEFINE_SHORT(64, uint64_t)

/* ---- What the encoder asks before it packs. ---- */

#define DEFINE_ENCODER(T, WORD)                                                                                   \
  FINGAL_DISPATCH void fingal_range##T(                                                                           \
      const WORD *restrict values, size_t n, WORD flip, WORD *restrict minimum, WORD *restrict maximum) {         \
    WORD low = (WORD)~(WORD)0, high = 0;                                                                          \
    for (size_t i = 0; i < n; i++) {                                                                              \
      const WORD v = values[i] ^ flip;                                                                            \
      low = v < low ? v : low;                                                                                    \
      high = v > high ? v : high;                                                                                 \
    }                                                                                                             \
    *minimum = low ^ flip;                                                                                        \
    *maximum = high ^ flip;                                                                                       \
  }                                                                                                               \
  FINGAL_DISPATCH void fingal_outside##T(                                                                         \
      const WORD *restrict values, size_t n, WORD minimum, WORD maximum, WORD mask, uint32_t *restrict above,     \
      uint32_t *restrict below) {                                                                                 \
    uint32_t a = 0, b = 0;                                                                                        \
    for (size_t i = 0; i < n; i++) {                                                                              \
      a += (WORD)(values[i] - minimum) > mask;                                                                    \
      b += (WORD)(maximum - values[i]) > mask;                                                                    \
    }                                                                                                             \
    *above = a;                                                                                                   \
    *below = b;                                                                                                   \
  }                                                                                                               \
  FINGAL_DISPATCH size_t fingal_frame##T(                                                                         \
      const WORD *restrict values, size_t n, WORD base, WORD mask, WORD *restrict deltas,                         \
      uint16_t *restrict exceptions) {                                                                            \
    WORD outside = 0;                                                                                             \
    for (size_t i = 0; i < n; i++) {                                                                              \
      const WORD d = (WORD)(values[i] - base);                                                                    \
      outside |= d & (WORD)~mask;                                                                                 \
      deltas[i] = d > mask ? 0 : d;                                                                               \
    }                                                                                                             \
    if (outside == 0) return 0;                                                                                   \
    size_t found = 0;                                                                                             \
    for (size_t i = 0; i < n; i++) {                                                                              \
      exceptions[found] = (uint16_t)i;                                                                            \
      found += (WORD)(values[i] - base) > mask;                                                                   \
    }                                                                                                             \
    return found;                                                                                                 \
  }

DEFINE_ENCODER(8, uint8_t)
DEFINE_ENCODER(16, uint16_t)
DEFINE_ENCODER(32, uint32_t)
DEFINE_ENCODER(64, uint64_t)
