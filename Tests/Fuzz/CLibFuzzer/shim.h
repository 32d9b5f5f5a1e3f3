#pragma once
#include <stddef.h>
#include <stdint.h>

// libFuzzer's own loop, from the library without a `main`: SwiftPM insists on making that itself.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
