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

// A streaming hash.
static inline void *gs_xxh3_new(void) {
  XXH3_state_t *state = XXH3_createState();
  if (state) XXH3_64bits_reset(state);
  return state;
}
static inline void gs_xxh3_free(void *state) { XXH3_freeState((XXH3_state_t *)state); }
static inline void gs_xxh3_update(void *state, const void *bytes, size_t count) {
  XXH3_64bits_update((XXH3_state_t *)state, bytes, count);
}
static inline uint64_t gs_xxh3_digest(const void *state) { return XXH3_64bits_digest((const XXH3_state_t *)state); }
