#include "fingal_kernels.h"

/* ---- Keys to indices. ---- */

#define DEFINE_INDEX(T, WORD)                                                                                      \
  FINGAL_DISPATCH static bool index##T(                                                                            \
      const WORD *restrict keys, size_t n, WORD low, uint32_t extent, bool first, uint32_t *restrict index) {      \
    uint32_t outside = 0;                                                                                          \
    for (size_t i = 0; i < n; i++) {                                                                               \
      const WORD d = (WORD)(keys[i] - low);                                                                        \
      const uint32_t wrong = (uint64_t)d >= (uint64_t)extent;                                                      \
      outside |= wrong;                                                                                            \
      const uint32_t part = wrong ? 0u : (uint32_t)d;                                                              \
      index[i] = first ? part : index[i] * extent + part;                                                          \
    }                                                                                                              \
    return outside == 0;                                                                                           \
  }

DEFINE_INDEX(8, uint8_t)
DEFINE_INDEX(16, uint16_t)
DEFINE_INDEX(32, uint32_t)
DEFINE_INDEX(64, uint64_t)

bool fingal_lookup_index(
    const void *keys, unsigned key_width, size_t n, uint64_t low, uint32_t extent, bool first, uint32_t *index) {
  switch (key_width) {
    case 1: return index8(keys, n, (uint8_t)low, extent, first, index);
    case 2: return index16(keys, n, (uint16_t)low, extent, first, index);
    case 4: return index32(keys, n, (uint32_t)low, extent, first, index);
    default: return index64(keys, n, low, extent, first, index);
  }
}

/* ---- Indices to values. Without dispatch: processors that have an instruction for this take twice as long with it as
   with single loads (Zen 4; Intel's since Downfall). ---- */

#define DEFINE_GATHER(T, WORD)                                                                                     \
  static void gather##T(                                                                                           \
      const uint32_t *restrict index, size_t n, const WORD *restrict table, WORD *restrict out) {                  \
    for (size_t i = 0; i < n; i++) out[i] = table[index[i]];                                                       \
  }

DEFINE_GATHER(8, uint8_t)
DEFINE_GATHER(16, uint16_t)
DEFINE_GATHER(32, uint32_t)
DEFINE_GATHER(64, uint64_t)

void fingal_lookup_gather(const uint32_t *index, size_t n, const void *table, unsigned width, void *out) {
  switch (width) {
    case 1: gather8(index, n, table, out); break;
    case 2: gather16(index, n, table, out); break;
    case 4: gather32(index, n, table, out); break;
    default: gather64(index, n, table, out); break;
  }
}

/* ---- Fitting a table. ---- */

#define DEFINE_FIT(T, WORD)                                                                                        \
  static size_t fit##T(                                                                                            \
      const uint32_t *restrict index, size_t n, const WORD *restrict values, uint32_t stamp,                       \
      uint32_t *restrict stamps, WORD *restrict table, size_t *present) {                                          \
    size_t new_ones = 0, i = 0;                                                                                    \
    for (; i < n; i++) {                                                                                           \
      const uint32_t at = index[i];                                                                                \
      if (stamps[at] == stamp) {                                                                                   \
        if (table[at] != values[i]) break;                                                                         \
      } else {                                                                                                     \
        stamps[at] = stamp;                                                                                        \
        table[at] = values[i];                                                                                     \
        new_ones++;                                                                                                \
      }                                                                                                            \
    }                                                                                                              \
    *present += new_ones;                                                                                          \
    return i;                                                                                                      \
  }

DEFINE_FIT(8, uint8_t)
DEFINE_FIT(16, uint16_t)
DEFINE_FIT(32, uint32_t)
DEFINE_FIT(64, uint64_t)

size_t fingal_lookup_fit(
    const uint32_t *index, size_t n, const void *values, unsigned width, uint32_t stamp, uint32_t *stamps, void *table,
    size_t *present) {
  switch (width) {
    case 1: return fit8(index, n, values, stamp, stamps, table, present);
    case 2: return fit16(index, n, values, stamp, stamps, table, present);
    case 4: return fit32(index, n, values, stamp, stamps, table, present);
    default: return fit64(index, n, values, stamp, stamps, table, present);
  }
}

/* ---- Carries. ---- */

#define DEFINE_CARRY(T, WORD)                                                                                      \
  FINGAL_DISPATCH static void carry##T(const WORD *restrict keys, WORD flip, size_t n, uint8_t *restrict carry) {  \
    if (n == 0) return;                                                                                            \
    carry[0] = 0;                                                                                                  \
    for (size_t i = 1; i < n; i++) carry[i] = (WORD)(keys[i] ^ flip) <= (WORD)(keys[i - 1] ^ flip);                \
  }                                                                                                                \
  FINGAL_DISPATCH static void accumulate##T(WORD *restrict values, const uint8_t *restrict carry, size_t n) {      \
    WORD sum = 0;                                                                                                  \
    for (size_t i = 0; i < n; i++) values[i] = sum = (WORD)(sum + values[i] + carry[i]);                           \
  }                                                                                                                \
  FINGAL_DISPATCH static void residuals##T(                                                                        \
      const WORD *restrict values, const uint8_t *restrict carry, size_t n, WORD *restrict residuals) {            \
    if (n == 0) return;                                                                                            \
    residuals[0] = (WORD)(values[0] - carry[0]);                                                                   \
    for (size_t i = 1; i < n; i++) residuals[i] = (WORD)(values[i] - values[i - 1] - carry[i]);                    \
  }

DEFINE_CARRY(8, uint8_t)
DEFINE_CARRY(16, uint16_t)
DEFINE_CARRY(32, uint32_t)
DEFINE_CARRY(64, uint64_t)

void fingal_lookup_carry(const void *keys, unsigned key_width, uint64_t flip, size_t n, uint8_t *carry) {
  switch (key_width) {
    case 1: carry8(keys, (uint8_t)flip, n, carry); break;
    case 2: carry16(keys, (uint16_t)flip, n, carry); break;
    case 4: carry32(keys, (uint32_t)flip, n, carry); break;
    default: carry64(keys, flip, n, carry); break;
  }
}

void fingal_lookup_accumulate(void *values, unsigned width, const uint8_t *carry, size_t n) {
  switch (width) {
    case 1: accumulate8(values, carry, n); break;
    case 2: accumulate16(values, carry, n); break;
    case 4: accumulate32(values, carry, n); break;
    default: accumulate64(values, carry, n); break;
  }
}

void fingal_lookup_residuals(const void *values, unsigned width, const uint8_t *carry, size_t n, void *residuals) {
  switch (width) {
    case 1: residuals8(values, carry, n, residuals); break;
    case 2: residuals16(values, carry, n, residuals); break;
    case 4: residuals32(values, carry, n, residuals); break;
    default: residuals64(values, carry, n, residuals); break;
  }
}
