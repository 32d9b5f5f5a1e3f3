#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Whether bytes are UTF-8.
int gs_valid_utf8(const char *bytes, size_t count);

/// Finds the tabs of a line.
/// ends[i] becomes the offset of tab i, at most `max` of them; returns how many tabs there are in all. *nul becomes 1
/// where the line holds a NUL byte.
size_t gs_find_tabs(const char *line, size_t count, uint32_t *ends, size_t max, int *nul);

/// Takes wanted values out of JSON. One a thread; the values stay until the next row begins.
typedef struct gs_extractor gs_extractor;

/// One value found: text (strings unescaped, numbers and booleans as JSON writes them) for a slot.
typedef struct {
  const char *text;
  uint32_t length;
  int32_t slot;
} gs_value;

gs_extractor *gs_extractor_new(void);
void gs_extractor_free(gs_extractor *extractor);

/// Wants, from entities `vendor/name` whose version begins with the numbers given (-1: any), the value under `keys`
/// (each ended by NUL; `key_count` of them). `column`: 0 contexts, 1 unstruct_event, 2 derived_contexts, 3 a whole JSON
/// line (then `schema` is ignored). `index`: only the n-th such entity, -1: all.
void gs_extractor_want(gs_extractor *extractor, int column, const char *schema, int v0, int v1, int v2,
                       const char *keys, int key_count, int slot, int index);

/// Forgets the values of the row before.
void gs_extractor_begin(gs_extractor *extractor);

/// Bytes behind a JSON text that gs_extractor_read may look at, whatever they are.
enum { gs_json_padding = 64 };

/// Reads one JSON column, behind which `gs_json_padding` bytes can be read. Returns 0, or an error that gs_json_error words.
int gs_extractor_read(gs_extractor *extractor, int column, const char *json, size_t count);

size_t gs_extractor_count(const gs_extractor *extractor);
const gs_value *gs_extractor_values(const gs_extractor *extractor);
/// By slot, which of the values is its first that is not empty; -1: none.
const int32_t *gs_extractor_firsts(const gs_extractor *extractor);
const char *gs_json_error(int code);

#ifdef __cplusplus
}
#endif
