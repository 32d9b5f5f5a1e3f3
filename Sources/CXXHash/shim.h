#pragma once
#define XXH_INLINE_ALL
#include <xxhash.h>

// xxhash renames its inlined functions with macros, which Swift cannot see.
static inline uint64_t gs_xxh3_64(const void *bytes, size_t count) { return XXH3_64bits(bytes, count); }
static inline void gs_xxh3_128(const void *bytes, size_t count, uint64_t *high, uint64_t *low) {
  XXH128_hash_t hash = XXH3_128bits(bytes, count);
  *high = hash.high64;
  *low = hash.low64;
}
