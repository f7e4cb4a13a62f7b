/* The scanner of delimited text: finds fields and records, 64 bytes at a time. */
#ifndef FINGAL_CSV_H
#define FINGAL_CSV_H

#include <stddef.h>
#include <stdint.h>

/* Set in `ends[i]`: the field was quoted. */
#define FINGAL_CSV_QUOTED 0x80000000u
/* Set in `starts[i]` until the caller has collapsed them: the field holds doubled quotes. */
#define FINGAL_CSV_ESCAPED 0x80000000u

enum {
  FINGAL_CSV_DONE = 0,        /* all of `count` looked at; an unfinished record may remain from `record_start` on */
  FINGAL_CSV_FULL = 1,        /* an array is full: enlarge and call again */
  FINGAL_CSV_MORE = 2,        /* a quoted field does not end in `count` bytes: append bytes and call again */
  FINGAL_CSV_UNCLOSED = 3,    /* the same, and there are no more bytes */
  FINGAL_CSV_AFTER_QUOTE = 4, /* text between a closing quote and the next separator, at `error_position` */
};

typedef struct {
  /* Text; at least 64 readable bytes follow `count`. Offsets stay below 2^31. */
  const uint8_t *bytes;
  size_t count;
  int at_end; /* the last byte of the input is among them */

  /* Dialect. */
  uint8_t separator, second_separator; /* equal, unless two bytes separate */
  uint8_t terminator;                  /* '\n' (an '\r' before it is dropped) or '\r' */
  uint8_t quote, has_quote;
  uint8_t comment, has_comment;
  uint8_t space_runs;  /* runs of separators count as one; none at either end of a line */
  uint8_t loose_quotes; /* blanks between a separator and a quote are no text */

  /* Where the scan stands. */
  size_t position, field_start, record_start;
  size_t fields, records, record_first_field;
  uint32_t line, record_line; /* counted from 0 where the scan began */
  size_t comments, escaped;
  /* Blank lines before the first record, between records, and behind the last one (all, if there is none), and the
     first of each, counted as `line`. */
  struct { size_t count; uint32_t line; } blanks_before, blanks_between, blanks_behind;
  size_t preamble;       /* comment lines that are known: the line of the one after them is noted */
  uint32_t comment_line; /* where that is, counted as `line` */
  size_t error_position;

  /* What it found. Record r has the fields record_fields[r - 1] ..< record_fields[r]. */
  uint32_t *starts, *ends;
  size_t field_capacity;
  uint32_t *record_fields, *record_starts, *record_text_ends, *record_lines;
  size_t record_capacity;
} fingal_csv_scan;

/* Scans on from `position`. */
int fingal_csv_index(fingal_csv_scan *scan);

/* Length of the longest prefix that is valid UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF). */
size_t fingal_utf8_valid_prefix(const uint8_t *bytes, size_t count);

#endif
