#include "CSimdjson.h"
#include <simdjson.h>

const char *gs_simdjson_version(void) { return SIMDJSON_STRINGIFY(SIMDJSON_VERSION); }
