#include "fingal_kernels.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <tmmintrin.h>
#include <smmintrin.h>
#endif

/* Products and quotients as written. */
#pragma STDC FP_CONTRACT OFF

/* 10^-22...10^22, as `PowersOfTen.double` has them. */
static const double tens[45] = {
    1e-22, 1e-21, 1e-20, 1e-19, 1e-18, 1e-17, 1e-16, 1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8,
    1e-7,  1e-6,  1e-5,  1e-4,  1e-3,  1e-2,  1e-1,  1e0,   1e1,   1e2,   1e3,   1e4,   1e5,   1e6,  1e7,
    1e8,   1e9,   1e10,  1e11,  1e12,  1e13,  1e14,  1e15,  1e16,  1e17,  1e18,  1e19,  1e20,  1e21, 1e22};
static const double *const power = tens + 22;

enum { MOST_DIGITS = 15 };

/* What is left to decide when sign, point and digits are known. */
static inline size_t keep(
    const fingal_cells *cells, size_t i, uint64_t mantissa, unsigned total, unsigned whole, int has_point, int has_sign,
    int negative, int starts_with_zero, unsigned digits) {
  const int bad_integer = (!has_point) & ((has_sign & !negative) | (starts_with_zero & (whole > 1)));
  const int odd = (digits > MOST_DIGITS) | (total == 0) | bad_integer;
  cells->mantissas[i] = odd ? 0 : mantissa;
  cells->decimals[i] = (uint8_t)(odd ? 0 : total - whole);
  cells->digits[i] = (uint8_t)(odd ? 0 : digits);
  cells->kinds[i] = (uint8_t)(odd ? FINGAL_CELL_ODD : negative * FINGAL_CELL_NEGATIVE + has_point * FINGAL_CELL_DECIMAL);
  return (size_t)odd;
}

static inline size_t refuse(const fingal_cells *cells, size_t i) {
  cells->mantissas[i] = 0;
  cells->decimals[i] = 0;
  cells->digits[i] = 0;
  cells->kinds[i] = FINGAL_CELL_ODD;
  return 1;
}

/* The readable way, and the one for processors without the instructions below. */
static size_t read_one(
    const uint8_t *text, unsigned length, uint8_t point, const fingal_cells *cells, size_t i) {
  if (length == 0 || length > 16) return refuse(cells, i);
  const int negative = text[0] == '-', has_sign = negative || text[0] == '+';
  uint64_t mantissa = 0;
  unsigned total = 0, whole = 0, digits = 0;
  int has_point = 0;
  for (unsigned at = (unsigned)has_sign; at < length; at++) {
    const uint8_t byte = text[at];
    if (byte == point && !has_point) {
      has_point = 1;
      whole = total;
      continue;
    }
    if (byte < '0' || byte > '9') return refuse(cells, i);
    mantissa = mantissa * 10 + (uint64_t)(byte - '0');
    if (mantissa > 0) digits++;
    total++;
  }
  if (!has_point) whole = total;
  const int starts_with_zero = has_sign < (int)length && text[has_sign] == '0';
  return keep(cells, i, mantissa, total, whole, has_point, has_sign, negative, starts_with_zero, digits);
}

#if defined(__x86_64__)

/* Where each of 16 digits comes from, for a text of `length` bytes with a point at `whole` (or none: whole = length). */
static uint8_t shuffles[17][17][16];

__attribute__((constructor)) static void fill_shuffles(void) {
  for (int length = 0; length <= 16; length++) {
    for (int whole = 0; whole <= length; whole++) {
      const int total = whole < length ? length - 1 : length;
      for (int place = 0; place < 16; place++) {
        const int digit = place - (16 - total);
        shuffles[length][whole][place] = (uint8_t)(digit < 0 ? 0x80 : digit < whole ? digit : digit + 1);
      }
    }
  }
}

/* A number without a loop over its digits, which would end in a mispredicted branch nearly every time: the digits are
   moved to the right end of a register, the point left out, by one shuffle, and multiplied together pair by pair. */
__attribute__((target("sse4.1"), always_inline)) static inline size_t read_short(
    const uint8_t *start, unsigned all, __m128i points, const fingal_cells *cells, size_t i) {
  const __m128i zero = _mm_setzero_si128(), nine = _mm_set1_epi8(9), zeros = _mm_set1_epi8('0');
  const __m128i by10 = _mm_set1_epi16(0x010A), by100 = _mm_set1_epi32(0x00010064), by10000 = _mm_set1_epi32(0x00012710);
  if (all == 0 || all > 16) return refuse(cells, i);
  const uint8_t first = start[0];
  if (all == 1) { /* Most pixels of an image are 0. */
    const unsigned digit = (unsigned)first - '0';
    if (digit <= 9) {
      cells->mantissas[i] = digit;
      cells->decimals[i] = 0;
      cells->digits[i] = digit > 0;
      cells->kinds[i] = 0;
      return 0;
    }
  }
  const unsigned negative = first == '-', has_sign = negative | (first == '+');
  const uint8_t *text = start + has_sign;
  const unsigned length = all - has_sign;
  const __m128i bytes = _mm_loadu_si128((const __m128i *)text);
  const unsigned found = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, points)) | 1u << length;
  const unsigned whole = (unsigned)__builtin_ctz(found), has_point = whole < length, total = length - has_point;
  const __m128i order = _mm_loadu_si128((const __m128i *)shuffles[length][whole]);
  const __m128i values = _mm_shuffle_epi8(_mm_sub_epi8(bytes, zeros), order);
  if (!_mm_testz_si128(_mm_subs_epu8(values, nine), _mm_set1_epi8(-1))) return refuse(cells, i);
  const unsigned present = ~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(values, zero)) & 0xffff;
  const unsigned digits = present ? 16 - (unsigned)__builtin_ctz(present) : 0;
  const __m128i pairs = _mm_maddubs_epi16(values, by10);
  const __m128i fours = _mm_madd_epi16(pairs, by100);
  const __m128i eights = _mm_madd_epi16(_mm_packus_epi32(fours, fours), by10000);
  const uint64_t halves = (uint64_t)_mm_cvtsi128_si64(eights);
  const uint64_t mantissa = (halves & 0xffffffff) * 100000000 + (halves >> 32);
  return keep(cells, i, mantissa, total, whole, (int)has_point, (int)has_sign, (int)negative, text[0] == '0', digits);
}

__attribute__((target("sse4.1"))) static size_t read_sse41(
    const uint8_t *const *texts, const uint32_t *lengths, size_t n, uint8_t point, const fingal_cells *cells) {
  const __m128i points = _mm_set1_epi8((char)point);
  size_t odd = 0;
  for (size_t i = 0; i < n; i++) odd += read_short(texts[i], lengths[i], points, cells, i);
  return odd;
}

__attribute__((target("sse4.1"))) static size_t read_fields_sse41(
    const uint8_t *text, const uint32_t *starts, const uint32_t *ends, size_t n, uint8_t point,
    const fingal_cells *cells) {
  const __m128i points = _mm_set1_epi8((char)point);
  const __m128i fields = _mm_set1_epi16(0x00ff), zeros = _mm_set1_epi16('0');
  size_t odd = 0, i = 0;
  while (i < n) {
    const uint32_t start = starts[i];
    /* Eight fields of one byte each, one byte apart, and all of them zeros. */
    if (i + 8 <= n && starts[i + 7] - start == 14 && (ends[i + 7] & 0x7fffffff) - start == 15) {
      const __m128i bytes = _mm_and_si128(_mm_loadu_si128((const __m128i *)(text + start)), fields);
      if (_mm_movemask_epi8(_mm_cmpeq_epi16(bytes, zeros)) == 0xffff) {
        memset(cells->mantissas + i, 0, 64);
        memset(cells->decimals + i, 0, 8);
        memset(cells->digits + i, 0, 8);
        memset(cells->kinds + i, 0, 8);
        i += 8;
        continue;
      }
    }
    odd += read_short(text + start, (ends[i] & 0x7fffffff) - start, points, cells, i);
    i++;
  }
  return odd;
}

#endif

size_t fingal_read_cells(
    const uint8_t *const *texts, const uint32_t *lengths, size_t n, uint8_t point, const fingal_cells *cells) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.1")) return read_sse41(texts, lengths, n, point, cells);
#endif
  return fingal_read_cells_plainly(texts, lengths, n, point, cells);
}

size_t fingal_read_cells_plainly(
    const uint8_t *const *texts, const uint32_t *lengths, size_t n, uint8_t point, const fingal_cells *cells) {
  size_t odd = 0;
  for (size_t i = 0; i < n; i++) odd += read_one(texts[i], lengths[i], point, cells, i);
  return odd;
}

size_t fingal_read_fields(
    const uint8_t *text, const uint32_t *starts, const uint32_t *ends, size_t n, uint8_t point,
    const fingal_cells *cells) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.1")) return read_fields_sse41(text, starts, ends, n, point, cells);
#endif
  size_t odd = 0;
  for (size_t i = 0; i < n; i++) odd += read_one(text + starts[i], (ends[i] & 0x7fffffff) - starts[i], point, cells, i);
  return odd;
}

/* ---- What they have in common. ---- */

double fingal_cell_relative_error(uint64_t mantissa, uint8_t decimals, uint8_t digits) {
  const double value = (double)(int64_t)mantissa / power[decimals];
  return fabs((double)(float)value - value) * power[decimals + 1 - digits];
}

/* Loops without branches, that compilers make vector instructions of; what few columns need is looked at apart. */
FINGAL_DISPATCH static void note_shapes(const fingal_cells *cells, size_t n, fingal_cell_facts *facts) {
  const uint64_t *restrict mantissas = cells->mantissas;
  const uint8_t *restrict decimals = cells->decimals, *restrict digits = cells->digits, *restrict kinds = cells->kinds;
  uint32_t points = 0, odd = 0, minus = 0;
  for (size_t i = 0; i < n; i++) {
    points += (kinds[i] >> 1) & 1;
    odd += kinds[i] >> 7;
  }
  uint64_t positive = 0, negative = 0;
  for (size_t i = 0; i < n; i++) {
    const uint64_t integer = kinds[i] & (FINGAL_CELL_DECIMAL | FINGAL_CELL_ODD) ? 0 : mantissas[i];
    const int below = kinds[i] & FINGAL_CELL_NEGATIVE;
    const uint64_t up = below ? 0 : integer, down = below ? integer : 0;
    positive = up > positive ? up : positive;
    negative = down > negative ? down : negative;
  }
  for (size_t i = 0; i < n; i++) minus += (kinds[i] == FINGAL_CELL_NEGATIVE) & (digits[i] == 0);
  facts->decimals = points;
  facts->integers = n - points - odd;
  facts->minus_zeros = minus;
  facts->largest_positive = positive;
  facts->largest_negative = negative;
  if (positive > 1 << 24 || negative > 1 << 24) {
    for (size_t i = 0; i < n; i++) {
      const uint64_t m = mantissas[i];
      facts->lost_by_float32 += (kinds[i] & FINGAL_CELL_DECIMAL) == 0 && (uint64_t)(float)m != m;
    }
  }
  if (points == 0) return;
  uint8_t fewest = 255, most = 0, longest = 0;
  int8_t leading = INT8_MIN;
  for (size_t i = 0; i < n; i++) {
    const int point = kinds[i] & FINGAL_CELL_DECIMAL;
    const uint8_t places = point ? decimals[i] : 0, at_least = point ? decimals[i] : 255;
    const uint8_t length = point ? digits[i] : 0;
    const int8_t lead = length > 0 ? (int8_t)(length - places - 1) : INT8_MIN;
    fewest = at_least < fewest ? at_least : fewest;
    most = places > most ? places : most;
    longest = length > longest ? length : longest;
    leading = lead > leading ? lead : leading;
  }
  facts->fewest_decimals = fewest;
  facts->most_decimals = most;
  facts->most_digits = longest;
  if (leading != INT8_MIN) facts->highest_leading = leading;
  if (fewest <= 1) {
    for (size_t i = 0; i < n; i++) {
      if ((kinds[i] & FINGAL_CELL_DECIMAL) && decimals[i] == 1) facts->point_zeros += mantissas[i] % 10 == 0;
    }
  }
}

FINGAL_DISPATCH static void divide_all(const fingal_cells *cells, size_t n) {
  const uint64_t *restrict mantissas = cells->mantissas;
  const uint8_t *restrict decimals = cells->decimals;
  double *restrict values = cells->values;
  for (size_t i = 0; i < n; i++) values[i] = (double)(int64_t)mantissas[i] / power[decimals[i]];
}

FINGAL_DISPATCH static void divide_some(const fingal_cells *cells, size_t n) {
  const uint64_t *restrict mantissas = cells->mantissas;
  double *restrict values = cells->values;
  for (size_t i = 0; i < n; i++) values[i] = (double)(int64_t)mantissas[i];
  for (size_t i = 0; i < n; i++) {
    if (cells->decimals[i] > 0) values[i] /= power[cells->decimals[i]];
  }
}

FINGAL_DISPATCH static void note_ties(const fingal_cells *cells, size_t n, fingal_cell_facts *facts) {
  const double *restrict values = cells->values;
  const uint8_t *restrict kinds = cells->kinds;
  size_t ties = 0;
  for (size_t i = 0; i < n; i++) {
    uint64_t bits;
    memcpy(&bits, &values[i], 8);
    ties += ((bits & 0x1fffffff) == 0x10000000) & ((kinds[i] & FINGAL_CELL_DECIMAL) != 0);
  }
  facts->ties = ties;
}

FINGAL_DISPATCH static void note_errors(const fingal_cells *cells, size_t n, fingal_cell_facts *facts) {
  const double *restrict values = cells->values;
  const uint8_t *restrict decimals = cells->decimals, *restrict digits = cells->digits, *restrict kinds = cells->kinds;
  double absolute = 0, relative = 0;
  for (size_t i = 0; i < n; i++) {
    const int counts = (kinds[i] & FINGAL_CELL_DECIMAL) && digits[i] > 0;
    const double error = counts ? fabs((double)(float)values[i] - values[i]) : 0;
    const double scaled = error * power[decimals[i] + 1 - digits[i]];
    absolute = error > absolute ? error : absolute;
    relative = scaled > relative ? scaled : relative;
  }
  facts->absolute_error = absolute;
  facts->relative_error = relative;
}

/* The same where decimals are few, as in images: the others cost nothing then. */
static void note_few_errors(const fingal_cells *cells, size_t n, fingal_cell_facts *facts) {
  for (size_t i = 0; i < n; i++) {
    if (!(cells->kinds[i] & FINGAL_CELL_DECIMAL) || cells->digits[i] == 0) continue;
    const double error = fabs((double)(float)cells->values[i] - cells->values[i]);
    const double scaled = error * power[cells->decimals[i] + 1 - cells->digits[i]];
    facts->absolute_error = error > facts->absolute_error ? error : facts->absolute_error;
    facts->relative_error = scaled > facts->relative_error ? scaled : facts->relative_error;
  }
}

void fingal_cells_note(const fingal_cells *cells, size_t n, int tracks_float32, fingal_cell_facts *facts) {
  *facts = (fingal_cell_facts){.fewest_decimals = INT32_MAX, .highest_leading = INT32_MIN};
  note_shapes(cells, n, facts);
  const int are_few = facts->decimals * 8 < n;
  if (are_few) {
    divide_some(cells, n);
  } else {
    divide_all(cells, n);
  }
  if (facts->decimals == 0) return;
  note_ties(cells, n, facts);
  if (!tracks_float32) return;
  if (are_few) {
    note_few_errors(cells, n, facts);
  } else {
    note_errors(cells, n, facts);
  }
}

/* ---- Values. ---- */

FINGAL_DISPATCH void fingal_cells_to_float64(const fingal_cells *cells, size_t n, double *restrict out) {
  const double *restrict values = cells->values;
  const uint8_t *restrict kinds = cells->kinds;
  for (size_t i = 0; i < n; i++) out[i] = kinds[i] & FINGAL_CELL_NEGATIVE ? -values[i] : values[i];
}

FINGAL_DISPATCH void fingal_cells_to_float32(const fingal_cells *cells, size_t n, float *restrict out) {
  const double *restrict values = cells->values;
  const uint8_t *restrict kinds = cells->kinds;
  for (size_t i = 0; i < n; i++) out[i] = (float)(kinds[i] & FINGAL_CELL_NEGATIVE ? -values[i] : values[i]);
}

FINGAL_DISPATCH void fingal_cells_to_int64(const fingal_cells *cells, size_t n, int64_t *restrict out) {
  const uint64_t *restrict mantissas = cells->mantissas;
  const uint8_t *restrict kinds = cells->kinds;
  for (size_t i = 0; i < n; i++) {
    const int64_t value = (int64_t)mantissas[i];
    out[i] = kinds[i] & FINGAL_CELL_NEGATIVE ? -value : value;
  }
}
