/* Decimal text and binary floating point: the table of powers of five, and the C library where it must be called
   with the "C" locale whatever the program has set. */
#ifndef FINGAL_NUMBERS_H
#define FINGAL_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

extern const uint64_t fingal_powers_of_five_table[2 * 651];

/* A pointer, because Swift would import the array as a tuple. Entry 2 * (q + 342) is the high word for 5^q. */
static inline const uint64_t *fingal_powers_of_five(void) { return fingal_powers_of_five_table; }

/* strtod and strtof of a NUL-terminated text, in the "C" locale. */
double fingal_text_to_double(const char *text);
float fingal_text_to_float(const char *text);

/* snprintf("%.*<conversion>") in the "C" locale; conversion is one of e, f, g. Returns the length of the whole text,
   also where it did not fit. */
int fingal_format_double(char *out, size_t capacity, char conversion, int precision, double value);

#endif
