#include "fingal_csv.h"
#include "fingal_kernels.h"

#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Bit i is set where p[i] == byte, i < 64. */
#if defined(__SSE2__)
ALWAYS_INLINE uint64_t matches(const uint8_t *p, uint8_t byte) {
  const __m128i wanted = _mm_set1_epi8((char)byte);
  uint64_t mask = 0;
  for (int i = 0; i < 4; i++) {
    const __m128i chunk = _mm_loadu_si128((const __m128i *)(p + 16 * i));
    mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(chunk, wanted)) << (16 * i);
  }
  return mask;
}
#else
ALWAYS_INLINE uint64_t matches(const uint8_t *p, uint8_t byte) {
  const uint64_t ones = 0x0101010101010101u, low = 0x7f7f7f7f7f7f7f7fu;
  uint64_t mask = 0;
  for (int i = 0; i < 8; i++) {
    uint64_t word;
    memcpy(&word, p + 8 * i, 8);
    word ^= ones * byte;
    /* The high bit of each byte that is zero, exactly; then the eight bits gathered into the top byte. */
    const uint64_t zero = ~(((word & low) + low) | word | low);
    mask |= (((zero >> 7) * 0x0102040810204080u) >> 56) << (8 * i);
  }
  return mask;
}
#endif

ALWAYS_INLINE int is_blank(uint8_t byte) { return byte == ' ' || byte == '\t'; }

ALWAYS_INLINE int all_blank(const uint8_t *from, const uint8_t *to) {
  while (from < to && is_blank(*from)) from++;
  return from == to;
}

/* A record ends before the terminator at `at` (or at the end of the text): keep it, or drop it if blank or comment. */
ALWAYS_INLINE void end_record(fingal_csv_scan *s, size_t at) {
  size_t text_end = at;
  const size_t first = s->record_first_field;
  size_t fields = s->fields;
  if (s->terminator == '\n' && at > s->record_start && s->bytes[at - 1] == '\r') {
    text_end = at - 1;
    if (s->ends[fields - 1] == at && s->starts[fields - 1] < at) s->ends[fields - 1] = (uint32_t)text_end;
  }
  if (s->space_runs) {
    size_t kept = first;
    for (size_t i = first; i < fields; i++) {
      if (s->starts[i] == s->ends[i]) continue; /* a quoted field has a flag, so it never looks empty */
      s->starts[kept] = s->starts[i];
      s->ends[kept] = s->ends[i];
      kept++;
    }
    fields = kept;
  }
  if (s->has_comment && text_end > s->record_start && s->bytes[s->record_start] == s->comment) {
    if (s->comments++ == s->preamble) s->comment_line = s->record_line;
    fields = first;
  } else if (fields == first ||
             (fields == first + 1 && !(s->ends[first] & FINGAL_CSV_QUOTED) &&
              all_blank(s->bytes + s->starts[first], s->bytes + s->ends[first]))) {
    if (s->blanks_behind.count++ == 0) s->blanks_behind.line = s->record_line;
    fields = first;
  } else {
    const size_t r = s->records;
    s->record_fields[r] = (uint32_t)fields;
    s->record_starts[r] = (uint32_t)s->record_start;
    s->record_text_ends[r] = (uint32_t)text_end;
    s->record_lines[r] = s->record_line;
    s->records = r + 1;
    if (s->blanks_behind.count > 0) {
      if (r == 0) {
        s->blanks_before = s->blanks_behind;
      } else {
        if (s->blanks_between.count == 0) s->blanks_between.line = s->blanks_behind.line;
        s->blanks_between.count += s->blanks_behind.count;
      }
      s->blanks_behind.count = 0;
    }
  }
  s->fields = fields;
  s->record_first_field = fields;
  s->record_start = at + 1;
  s->field_start = at + 1;
  s->line++;
  s->record_line = s->line;
}

ALWAYS_INLINE void add_field(fingal_csv_scan *s, uint32_t start, uint32_t end) {
  s->starts[s->fields] = start;
  s->ends[s->fields] = end;
  s->fields++;
}

/* The quoted field, or the rest of the comment line, that the quote at `open` begins. On FINGAL_CSV_DONE the scan goes
   on at `position`; otherwise `position` stays on the quote, so that the field is looked at again. */
static int quoted(fingal_csv_scan *s, size_t open) {
  const uint8_t *bytes = s->bytes;
  const size_t count = s->count;
  s->position = open;

  if (s->has_comment && bytes[s->record_start] == s->comment) {
    const uint8_t *end = memchr(bytes + open, s->terminator, count - open);
    if (end == NULL && !s->at_end) return FINGAL_CSV_MORE;
    const size_t at = end == NULL ? count : (size_t)(end - bytes);
    add_field(s, (uint32_t)s->field_start, (uint32_t)at);
    end_record(s, at);
    s->position = at < count ? at + 1 : count;
    return FINGAL_CSV_DONE;
  }

  size_t from = open + 1, close;
  uint32_t escaped = 0;
  for (;;) {
    const uint8_t *found = from < count ? memchr(bytes + from, s->quote, count - from) : NULL;
    if (found == NULL) return s->at_end ? FINGAL_CSV_UNCLOSED : FINGAL_CSV_MORE;
    close = (size_t)(found - bytes);
    if (close + 1 == count && !s->at_end) return FINGAL_CSV_MORE;
    if (close + 1 == count || bytes[close + 1] != s->quote) break;
    escaped = FINGAL_CSV_ESCAPED;
    from = close + 2;
  }

  size_t after = close + 1;
  if (s->loose_quotes) {
    while (after < count && is_blank(bytes[after]) && bytes[after] != s->separator) after++;
  }
  if (after == count && !s->at_end) return FINGAL_CSV_MORE;
  int ends_record = after == count || bytes[after] == s->terminator;
  size_t record_end = after;
  if (!ends_record && bytes[after] == '\r' && s->terminator == '\n') {
    if (after + 1 == count && !s->at_end) return FINGAL_CSV_MORE;
    if (after + 1 == count || bytes[after + 1] == '\n') {
      ends_record = 1;
      record_end = after + 1;
    }
  }
  if (!ends_record && bytes[after] != s->separator && bytes[after] != s->second_separator) {
    s->error_position = after;
    return FINGAL_CSV_AFTER_QUOTE;
  }

  uint32_t inner_lines = 0;
  for (const uint8_t *p = bytes + open; (p = memchr(p, s->terminator, (size_t)(bytes + close - p))) != NULL; p++)
    inner_lines++;
  s->line += inner_lines;
  if (escaped) s->escaped++;
  add_field(s, (uint32_t)(open + 1) | escaped, (uint32_t)close | FINGAL_CSV_QUOTED);
  if (ends_record) {
    end_record(s, record_end);
    s->position = record_end < count ? record_end + 1 : count;
  } else {
    s->field_start = after + 1;
    s->position = after + 1;
  }
  return FINGAL_CSV_DONE;
}

FINGAL_DISPATCH int fingal_csv_index(fingal_csv_scan *scan) {
  /* A local copy lets the compiler keep the counters in registers between the calls that need the struct. */
  fingal_csv_scan s = *scan;
  const uint8_t *bytes = s.bytes;
  int status = FINGAL_CSV_DONE;

  while (s.position < s.count) {
    if (s.fields + 66 > s.field_capacity || s.records + 66 > s.record_capacity) {
      status = FINGAL_CSV_FULL;
      break;
    }
    const size_t base = s.position, left = s.count - base;
    const uint8_t *p = bytes + base;
    uint64_t lines = matches(p, s.terminator);
    uint64_t todo = matches(p, s.separator) | lines;
    if (s.second_separator != s.separator) todo |= matches(p, s.second_separator);
    const uint64_t quotes = s.has_quote ? matches(p, s.quote) : 0;
    todo |= quotes;
    if (left < 64) todo &= ((uint64_t)1 << left) - 1;
    s.position = left < 64 ? s.count : base + 64;

    while (todo) {
      const int bit = __builtin_ctzll(todo);
      const size_t at = base + (size_t)bit;
      todo &= todo - 1;
      if (quotes >> bit & 1) {
        /* A quote inside an unquoted field is text. */
        if (at != s.field_start && !(s.loose_quotes && all_blank(bytes + s.field_start, bytes + at))) continue;
        status = quoted(&s, at);
        break;
      }
      s.starts[s.fields] = (uint32_t)s.field_start;
      s.ends[s.fields] = (uint32_t)at;
      s.fields++;
      s.field_start = at + 1;
      if (lines >> bit & 1) end_record(&s, at);
    }
    if (status != FINGAL_CSV_DONE) break;
  }

  if (status == FINGAL_CSV_DONE && s.at_end && s.record_start < s.count) {
    if (s.fields + 66 > s.field_capacity || s.records + 66 > s.record_capacity) {
      status = FINGAL_CSV_FULL;
    } else {
      add_field(&s, (uint32_t)s.field_start, (uint32_t)s.count);
      end_record(&s, s.count);
    }
  }
  *scan = s;
  return status;
}

/* Bytes of ASCII from p on, in steps of 64. */
ALWAYS_INLINE size_t ascii_run(const uint8_t *p, size_t count) {
  size_t i = 0;
  for (; i + 64 <= count; i += 64) {
    uint64_t any = 0;
    for (int j = 0; j < 8; j++) {
      uint64_t word;
      memcpy(&word, p + i + 8 * j, 8);
      any |= word;
    }
    if (any & 0x8080808080808080u) break;
  }
  return i;
}

FINGAL_DISPATCH size_t fingal_utf8_valid_prefix(const uint8_t *b, size_t count) {
  size_t i = 0;
  while (i < count) {
    if (b[i] < 0x80) {
      const size_t run = ascii_run(b + i, count - i);
      i += run;
      const size_t stop = count - i < 64 ? count : i + 64;
      while (i < stop && b[i] < 0x80) i++;
      continue;
    }
    const uint8_t lead = b[i];
    size_t length;
    uint8_t low = 0x80, high = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) {
      length = 2;
    } else if (lead >= 0xe0 && lead <= 0xef) {
      length = 3;
      if (lead == 0xe0) low = 0xa0;
      if (lead == 0xed) high = 0x9f;
    } else if (lead >= 0xf0 && lead <= 0xf4) {
      length = 4;
      if (lead == 0xf0) low = 0x90;
      if (lead == 0xf4) high = 0x8f;
    } else {
      return i;
    }
    if (count - i < length || b[i + 1] < low || b[i + 1] > high) return i;
    for (size_t j = 2; j < length; j++)
      if ((b[i + j] & 0xc0) != 0x80) return i;
    i += length;
  }
  return i;
}
