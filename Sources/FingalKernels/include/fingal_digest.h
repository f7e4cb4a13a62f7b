#ifndef FINGAL_DIGEST_H
#define FINGAL_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/* The digest of a stream's events e = 0 … n-1 (FORMAT.md §4.4): D = Σ h_e R^(n-1-e) mod 2^61 - 1, with h_e the XXH3-64
   (seed 7) of the decoded bytes of event e, mod 2^61 - 1. Each function goes on from `digest`, the one of the events
   before; it begins as 0. */

/* Events of `event_bytes` bytes each. */
uint64_t fingal_digest_fixed(const void *bytes, size_t event_bytes, size_t events, uint64_t digest);

/* Events of any number of elements of `width` bytes: event i has the elements from ends[i-1] (the first: `start`) to
   ends[i], counted from `bytes`. */
uint64_t fingal_digest_jagged(
    const void *bytes, size_t width, int64_t start, const int64_t *ends, size_t events, uint64_t digest);

/* The same for strings: string k has the bytes of `utf8` from string_ends[k-1] (the first of all: 0) to
   string_ends[k]. The bytes of an event are the lengths of its strings as 32-bit words, then the UTF-8 bytes of all. */
uint64_t fingal_digest_strings(
    const void *utf8, const int64_t *string_ends, int64_t start, const int64_t *ends, size_t events, uint64_t digest);

/* The digest of two runs of events, the second of `events` events, from theirs: a R^events + b. */
uint64_t fingal_digest_join(uint64_t a, uint64_t b, uint64_t events);

#endif
