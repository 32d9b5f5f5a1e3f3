#include "CSimdjson.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <vector>
#if defined(__AVX2__)
#include <immintrin.h>
#endif

using namespace simdjson;

int gs_valid_utf8(const char *bytes, size_t count) { return validate_utf8(bytes, count); }

size_t gs_find_tabs(const char *line, size_t count, uint32_t *ends, size_t max, int *nul) {
  size_t found = 0, at = 0;
  int zero = 0;
#if defined(__AVX2__)
  const __m256i tab = _mm256_set1_epi8('\t');
  __m256i least = _mm256_set1_epi8(-1);
  for (; at + 64 <= count && found + 64 <= max; at += 64) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(line + at));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(line + at + 32));
    least = _mm256_min_epu8(least, _mm256_min_epu8(low, high));
    uint64_t tabs = static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, tab)));
    tabs |= static_cast<uint64_t>(static_cast<uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, tab)))) << 32;
    const size_t here = static_cast<size_t>(__builtin_popcountll(tabs));
    uint32_t *out = ends + found;
    // Writing a few too many costs less than a branch for each: how many there are is hard to foretell.
    for (int i = 0; i < 8; i++) {
      out[i] = static_cast<uint32_t>(at + _tzcnt_u64(tabs));
      tabs = _blsr_u64(tabs);
    }
    for (out += 8; tabs; tabs = _blsr_u64(tabs)) *out++ = static_cast<uint32_t>(at + _tzcnt_u64(tabs));
    found += here;
  }
  zero = _mm256_movemask_epi8(_mm256_cmpeq_epi8(least, _mm256_setzero_si256())) != 0;
#endif
  for (; at < count; at++) {
    if (line[at] == '\t') {
      if (found < max) ends[found] = static_cast<uint32_t>(at);
      found++;
    }
    zero |= line[at] == 0;
  }
  *nul = zero != 0;
  return found;
}

namespace {

struct Want {
  std::string schema;
  int version[3];
  std::vector<std::string> keys;
  int slot;
  int index;
  int seen = 0;
};

/// Values beyond this are not kept: an event has no use for them, and a hostile list must not fill memory.
constexpr size_t maximum_values = 4096;

}  // namespace

struct gs_extractor {
  dom::parser parsers[4];
  std::vector<Want> wants[4];
  std::vector<gs_value> values;
  std::vector<int32_t> firsts;
  // Texts of numbers; a deque-like list of fixed buffers, so that pointers stay.
  std::vector<std::unique_ptr<char[]>> numbers;
  size_t numbers_used = 0;

  void add(const char *text, size_t length, int slot) {
    if (values.size() >= maximum_values) return;
    if (length > 0 && firsts[slot] < 0) firsts[slot] = static_cast<int32_t>(values.size());
    values.push_back({text, static_cast<uint32_t>(length), slot});
  }

  char *number_buffer() {
    if (numbers_used == numbers.size()) numbers.push_back(std::unique_ptr<char[]>(new char[32]));
    return numbers[numbers_used++].get();
  }

  template <typename T> void add_number(T value, int slot) {
    if (values.size() >= maximum_values) return;
    char *buffer = number_buffer();
    auto end = std::to_chars(buffer, buffer + 32, value);
    add(buffer, static_cast<size_t>(end.ptr - buffer), slot);
  }

  void take(dom::element value, int slot) {
    switch (value.type()) {
      case dom::element_type::STRING: {
        std::string_view text = value.get_string().value_unsafe();
        add(text.data(), text.size(), slot);
        break;
      }
      case dom::element_type::INT64: add_number(value.get_int64().value_unsafe(), slot); break;
      case dom::element_type::UINT64: add_number(value.get_uint64().value_unsafe(), slot); break;
      case dom::element_type::DOUBLE: add_number(value.get_double().value_unsafe(), slot); break;
      case dom::element_type::BOOL: {
        bool on = value.get_bool().value_unsafe();
        add(on ? "true" : "false", on ? 4 : 5, slot);
        break;
      }
      case dom::element_type::ARRAY:
        for (dom::element item : dom::array(value)) {
          if (!item.is_array() && !item.is_object()) take(item, slot);
        }
        break;
      default: break;
    }
  }

  /// Descends along the keys; a list on the way stands for each of its elements.
  void find(dom::element value, const Want &want, size_t key) {
    if (values.size() >= maximum_values) return;
    if (key == want.keys.size()) return take(value, want.slot);
    if (value.is_array()) {
      for (dom::element item : dom::array(value)) {
        if (item.is_object()) find(item, want, key);
      }
      return;
    }
    dom::element next;
    if (value.is_object() && dom::object(value).at_key(want.keys[key]).get(next) == SUCCESS) find(next, want, key + 1);
  }

  /// `iglu:vendor/name/jsonschema/1-0-2` against what is wanted.
  static bool matches(const Want &want, std::string_view schema) {
    if (schema.substr(0, 5) == "iglu:") schema.remove_prefix(5);
    if (schema.size() <= want.schema.size() || schema.compare(0, want.schema.size(), want.schema) != 0) return false;
    schema.remove_prefix(want.schema.size());
    if (schema.front() != '/') return false;
    const size_t slash = schema.rfind('/');
    const char *at = schema.data() + slash + 1, *end = schema.data() + schema.size();
    for (int wanted : want.version) {
      if (wanted < 0) return true;
      int found = -1;
      auto read = std::from_chars(at, end, found);
      if (read.ec != std::errc() || found != wanted) return false;
      at = read.ptr < end && *read.ptr == '-' ? read.ptr + 1 : end;
    }
    return true;
  }

  /// Which wants a schema matches, by its whole name: a pipeline has few.
  struct Schema {
    std::string name;
    std::vector<Want *> wants;
  };
  std::vector<Schema> schemas[4];
  static constexpr size_t maximum_schemas = 64;

  void entity(dom::element element, int column) {
    std::string_view schema;
    dom::element data;
    if (!element.is_object() || element["schema"].get(schema) != SUCCESS) return;
    for (const Schema &known : schemas[column]) {
      if (known.name == schema) {
        if (!known.wants.empty() && element["data"].get(data) != SUCCESS) return count_only(known.wants);
        for (Want *want : known.wants) take_entity(data, *want);
        return;
      }
    }
    Schema found{std::string(schema), {}};
    for (Want &want : wants[column]) {
      if (matches(want, schema)) found.wants.push_back(&want);
    }
    const bool has_data = element["data"].get(data) == SUCCESS;
    for (Want *want : found.wants) {
      if (has_data) take_entity(data, *want);
      else want->seen++;
    }
    if (schemas[column].size() < maximum_schemas) schemas[column].push_back(std::move(found));
  }

  static void count_only(const std::vector<Want *> &list) {
    for (Want *want : list) want->seen++;
  }

  void take_entity(dom::element data, Want &want) {
    const int place = want.seen++;
    if (want.index < 0 || want.index == place) find(data, want, 0);
  }

  int read(int column, const char *json, size_t count) {
    static_assert(gs_json_padding >= SIMDJSON_PADDING, "simdjson looks further ahead");
    dom::element root;
    error_code error = parsers[column].parse(json, count, false).get(root);
    if (error) return static_cast<int>(error);
    for (Want &want : wants[column]) want.seen = 0;
    if (column == 3) {
      if (!root.is_object()) return static_cast<int>(INCORRECT_TYPE);
      for (const Want &want : wants[3]) find(root, want, 0);
      return 0;
    }
    dom::element data;
    if (!root.is_object() || root["data"].get(data) != SUCCESS) return static_cast<int>(INCORRECT_TYPE);
    if (data.is_array()) {
      for (dom::element item : dom::array(data)) entity(item, column);
    } else {
      entity(data, column);
    }
    return 0;
  }
};

gs_extractor *gs_extractor_new(void) { return new gs_extractor(); }
void gs_extractor_free(gs_extractor *extractor) { delete extractor; }

void gs_extractor_want(gs_extractor *extractor, int column, const char *schema, int v0, int v1, int v2,
                       const char *keys, int key_count, int slot, int index) {
  Want want{schema, {v0, v1, v2}, {}, slot, index};
  for (int i = 0; i < key_count; i++) {
    want.keys.emplace_back(keys);
    keys += want.keys.back().size() + 1;
  }
  extractor->wants[column].push_back(std::move(want));
  if (extractor->firsts.size() <= static_cast<size_t>(slot)) extractor->firsts.resize(static_cast<size_t>(slot) + 1, -1);
}

void gs_extractor_begin(gs_extractor *extractor) {
  extractor->values.clear();
  std::fill(extractor->firsts.begin(), extractor->firsts.end(), -1);
  extractor->numbers_used = 0;
}

int gs_extractor_read(gs_extractor *extractor, int column, const char *json, size_t count) {
  try {
    return extractor->read(column, json, count);
  } catch (...) {
    return static_cast<int>(MEMALLOC);
  }
}

size_t gs_extractor_count(const gs_extractor *extractor) { return extractor->values.size(); }
const gs_value *gs_extractor_values(const gs_extractor *extractor) { return extractor->values.data(); }
const int32_t *gs_extractor_firsts(const gs_extractor *extractor) { return extractor->firsts.data(); }
const char *gs_json_error(int code) { return error_message(static_cast<error_code>(code)); }
