/* Cells of text to numbers, many at a time: what reading a CSV spends its time on.

   Only plain numbers are read here: `[+-] digits [. digits]` of at most 16 characters and 15 significant digits, without
   an exponent. All others are left to the caller, as odd. */
#ifndef FINGAL_CELLS_H
#define FINGAL_CELLS_H

#include <stddef.h>
#include <stdint.h>

enum {
  FINGAL_CELL_NEGATIVE = 1,
  FINGAL_CELL_DECIMAL = 2, /* has a point */
  FINGAL_CELL_ODD = 128    /* not read; its other members are zero */
};

/* What was read: mantissa / 10^decimals, with a sign among the kinds. `digits` counts from the first that is not zero. */
typedef struct {
  uint64_t *mantissas;
  uint8_t *decimals, *digits, *kinds;
  double *values; /* without the sign; `fingal_cells_note` makes them */
} fingal_cells;

/* Reads n cells, of each of which 17 bytes from its start on may be read. Odd are, besides what is above: integers with
   a plus sign or zeros before them. Returns how many are odd. */
size_t fingal_read_cells(
    const uint8_t *const *texts, const uint32_t *lengths, size_t n, uint8_t point, const fingal_cells *cells);

/* The same for neighbouring fields of one record, given by where each begins and ends in a text (the highest bit of an
   end says that it was in quotes and means nothing here). Runs of zeros, of which images consist, are read eight at a time.
   24 bytes from the start of the last field on may be read. */
size_t fingal_read_fields(
    const uint8_t *text, const uint32_t *starts, const uint32_t *ends, size_t n, uint8_t point,
    const fingal_cells *cells);

/* The same, a character at a time: the twin that tests compare with. */
size_t fingal_read_cells_plainly(
    const uint8_t *const *texts, const uint32_t *lengths, size_t n, uint8_t point, const fingal_cells *cells);

/* What the cells that are not odd have in common: see `ColumnFacts`. */
typedef struct {
  size_t integers, decimals, minus_zeros, lost_by_float32, point_zeros;
  uint64_t largest_positive, largest_negative; /* of integers */
  int32_t fewest_decimals, most_decimals, highest_leading, most_digits; /* of decimals; INT32_MAX, 0, INT32_MIN, 0 */
  double absolute_error, relative_error; /* of decimals rounded to float32; 0 if that was not asked for */
  size_t ties; /* decimals whose float64 lies half-way between two float32 */
} fingal_cell_facts;

/* Also makes the values. */
void fingal_cells_note(const fingal_cells *cells, size_t n, int tracks_float32, fingal_cell_facts *facts);

/* The errors of one decimal, absolute and in units of its leading digit. */
double fingal_cell_relative_error(uint64_t mantissa, uint8_t decimals, uint8_t digits);

/* The values with their signs, after `fingal_cells_note`; those of odd cells are 0. Float32: rounded from float64, which ties and integers beyond 2^24 must not be. */
void fingal_cells_to_float32(const fingal_cells *cells, size_t n, float *out);
void fingal_cells_to_float64(const fingal_cells *cells, size_t n, double *out);
void fingal_cells_to_int64(const fingal_cells *cells, size_t n, int64_t *out);

#endif
