#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The version of simdjson that this shim was built against, as text.
const char *gs_simdjson_version(void);

#ifdef __cplusplus
}
#endif
