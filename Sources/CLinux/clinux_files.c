#define _GNU_SOURCE
#include "clinux_files.h"

#include <dirent.h>
#include <malloc.h>

const char *clinux_entry_name(const void *entry) { return ((const struct dirent *)entry)->d_name; }

void clinux_release_freed_memory(void) { malloc_trim(0); }
