#include "fingal_digest.h"

#include <string.h>

/* Inlined, XXH3 of a few bytes is a handful of multiplications; as a call of the library it takes three times as long.
   The result is the same by the specification of XXH3. */
#define XXH_INLINE_ALL
#include <xxhash.h>

typedef unsigned __int128 wide;

static const uint64_t P = ((uint64_t)1 << 61) - 1;
static const uint64_t R = 0x1E3779B97F4A7C19; /* 0x9E3779B97F4A7C15 mod P */
static const uint64_t SEED = 7;

/* 2^61 is 1 mod P, so that the bits above the lowest 61 are added to them. For x < 2^125. */
static inline uint64_t reduce(wide x) {
  const uint64_t high = (uint64_t)(x >> 61);
  uint64_t sum = ((uint64_t)x & P) + (high & P) + (high >> 61);
  sum = (sum & P) + (sum >> 61);
  return sum >= P ? sum - P : sum;
}

static inline uint64_t hash(const void *bytes, size_t count) {
  return reduce(XXH3_64bits_withSeed(bytes, count, SEED));
}

/* Four events with one reduction: a chain of one multiplication an event would wait for each. */
#define POWERS \
  const uint64_t R2 = reduce((wide)R * R), R3 = reduce((wide)R2 * R), R4 = reduce((wide)R2 * R2)
#define STEP4(A, B, C, D) digest = reduce((wide)digest * R4 + (wide)(A) * R3 + (wide)(B) * R2 + (wide)(C) * R + (D))
#define STEP(A) digest = reduce((wide)digest * R + (A))

#define DEFINE_FIXED(NAME, WIDTH)                                                                      \
  static uint64_t NAME(const uint8_t *at, size_t width, size_t events, uint64_t digest) {              \
    (void)width;                                                                                       \
    POWERS;                                                                                            \
    size_t i = 0;                                                                                      \
    for (; i + 4 <= events; i += 4, at += 4 * (WIDTH)) {                                               \
      STEP4(                                                                                           \
          hash(at, WIDTH), hash(at + (WIDTH), WIDTH), hash(at + 2 * (WIDTH), WIDTH),                   \
          hash(at + 3 * (WIDTH), WIDTH));                                                              \
    }                                                                                                  \
    for (; i < events; i++, at += (WIDTH)) STEP(hash(at, WIDTH));                                      \
    return digest;                                                                                     \
  }

/* The widths of scalars, each with a hash of its own constant length. */
DEFINE_FIXED(fixed1, 1)
DEFINE_FIXED(fixed2, 2)
DEFINE_FIXED(fixed4, 4)
DEFINE_FIXED(fixed8, 8)
DEFINE_FIXED(fixed_any, width)

uint64_t fingal_digest_fixed(const void *bytes, size_t event_bytes, size_t events, uint64_t digest) {
  switch (event_bytes) {
    case 1: return fixed1(bytes, 1, events, digest);
    case 2: return fixed2(bytes, 2, events, digest);
    case 4: return fixed4(bytes, 4, events, digest);
    case 8: return fixed8(bytes, 8, events, digest);
    default: return fixed_any(bytes, event_bytes, events, digest);
  }
}

uint64_t fingal_digest_jagged(
    const void *bytes, size_t width, int64_t start, const int64_t *ends, size_t events, uint64_t digest) {
  const uint8_t *at = (const uint8_t *)bytes;
  int64_t low = start;
  for (size_t i = 0; i < events; i++) {
    STEP(hash(at + (size_t)low * width, (size_t)(ends[i] - low) * width));
    low = ends[i];
  }
  return digest;
}

uint64_t fingal_digest_strings(
    const void *utf8, const int64_t *string_ends, int64_t start, const int64_t *ends, size_t events,
    uint64_t digest) {
  enum { ROOM = 1024 };
  uint8_t room[ROOM];
  const uint8_t *text = (const uint8_t *)utf8;
  int64_t string = start;
  int64_t low = start == 0 ? 0 : string_ends[start - 1];
  for (size_t i = 0; i < events; i++) {
    const size_t count = (size_t)(ends[i] - string);
    const int64_t high = count == 0 ? low : string_ends[ends[i] - 1];
    const size_t length = (size_t)(high - low);
    uint64_t h;
    if (count <= ROOM / 8 && length <= ROOM / 2) {
      int64_t from = low;
      for (size_t k = 0; k < count; k++) {
        const uint32_t bytes = (uint32_t)(string_ends[string + (int64_t)k] - from);
        memcpy(room + 4 * k, &bytes, 4);
        from += bytes;
      }
      if (length > 0) memcpy(room + 4 * count, text + low, length);
      h = hash(room, 4 * count + length);
    } else {
      XXH3_state_t state;
      XXH3_INITSTATE(&state);
      XXH3_64bits_reset_withSeed(&state, SEED);
      int64_t from = low;
      for (size_t k = 0; k < count; k++) {
        const uint32_t bytes = (uint32_t)(string_ends[string + (int64_t)k] - from);
        XXH3_64bits_update(&state, &bytes, 4);
        from += bytes;
      }
      XXH3_64bits_update(&state, text + low, length);
      h = reduce(XXH3_64bits_digest(&state));
    }
    STEP(h);
    string = ends[i];
    low = high;
  }
  return digest;
}

uint64_t fingal_digest_join(uint64_t a, uint64_t b, uint64_t events) {
  uint64_t power = 1, square = R;
  for (; events > 0; events >>= 1) {
    if (events & 1) power = reduce((wide)power * square);
    square = reduce((wide)square * square);
  }
  return reduce((wide)a * power + b);
}
