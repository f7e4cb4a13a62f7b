/* Values as functions of other columns (spec/FORMAT.md, "LOOKUP"). Keys are words of T bits; comparisons with `low` are
   modulo 2^T, which is right for signed keys, too. Callers have checked every count. */
#ifndef FINGAL_LOOKUP_H
#define FINGAL_LOOKUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One key's part of the index into the table: index[i] = (first ? 0 : index[i]) * extent + (keys[i] - low). False if a
   key is outside low ..< low + extent; the indices are then below the product of the extents all the same. */
bool fingal_lookup_index(
    const void *keys, unsigned key_width, size_t n, uint64_t low, uint32_t extent, bool first, uint32_t *index);

/* out[i] = table[index[i]], values of `width` bytes. Every index is below the table's length. */
void fingal_lookup_gather(const uint32_t *index, size_t n, const void *table, unsigned width, void *out);

/* Fits a table to values: where stamps[index[i]] != stamp the value is new and is stored, and the stamp set; else it must
   be the value of the same bits. Returns how many values fit, n if all do; adds the number of new ones to *present. */
size_t fingal_lookup_fit(
    const uint32_t *index, size_t n, const void *values, unsigned width, uint32_t stamp, uint32_t *stamps, void *table,
    size_t *present);

/* carry[i] = 1 if keys[i] <= keys[i - 1], by the order of (key ^ flip), else 0; carry[0] = 0. */
void fingal_lookup_carry(const void *keys, unsigned key_width, uint64_t flip, size_t n, uint8_t *carry);

/* In place: residuals to values, values[i] = values[i - 1] + residual i + carry[i], modulo 2^T; values[-1] = 0. */
void fingal_lookup_accumulate(void *values, unsigned width, const uint8_t *carry, size_t n);

/* The inverse: residuals[i] = values[i] - values[i - 1] - carry[i]. */
void fingal_lookup_residuals(const void *values, unsigned width, const uint8_t *carry, size_t n, void *residuals);

#endif
