#define _GNU_SOURCE
#include "fingal_numbers.h"

#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static locale_t c_locale;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_c_locale(void) { c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); }

static locale_t the_c_locale(void) {
  pthread_once(&once, make_c_locale);
  return c_locale;
}

double fingal_text_to_double(const char *text) { return strtod_l(text, NULL, the_c_locale()); }

float fingal_text_to_float(const char *text) { return strtof_l(text, NULL, the_c_locale()); }

int fingal_format_double(char *out, size_t capacity, char conversion, int precision, double value) {
  /* uselocale changes this thread only, so another thread's locale is never disturbed. */
  locale_t before = uselocale(the_c_locale());
  int length;
  switch (conversion) {
  case 'e':
    length = snprintf(out, capacity, "%.*e", precision, value);
    break;
  case 'f':
    length = snprintf(out, capacity, "%.*f", precision, value);
    break;
  default:
    length = snprintf(out, capacity, "%.*g", precision, value);
    break;
  }
  uselocale(before);
  return length;
}
