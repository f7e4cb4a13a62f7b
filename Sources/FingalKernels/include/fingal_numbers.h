/* Decimal text and binary floating point: the table of powers of five, and the C library where it must be called
   with the "C" locale whatever the program has set. */
#ifndef FINGAL_NUMBERS_H
#define FINGAL_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

extern const uint64_t fingal_powers_of_five_table[2 * 651];

/* A pointer, because Swift would import the array as a tuple. Entry 2 * (q + 342) is the high word for 5^q. */
static inline const uint64_t *fingal_powers_of_five(void) { return fingal_powers_of_five_table; }

/* 10^0...10^22: what float64 holds exactly, the first 11 in float32 too. */
static inline const double *fingal_powers_of_ten(void) {
  static const double powers[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  return powers;
}

/* strtod and strtof of a NUL-terminated text, in the "C" locale. */
double fingal_text_to_double(const char *text);
float fingal_text_to_float(const char *text);

/* snprintf("%.*<conversion>") in the "C" locale; conversion is one of e, f, g. Returns the length of the whole text,
   also where it did not fit. */
int fingal_format_double(char *out, size_t capacity, char conversion, int precision, double value);

#endif
