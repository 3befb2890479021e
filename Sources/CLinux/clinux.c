#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <string.h>

int clinux_errno(void) { return errno; }

const char *clinux_strerror(int error, char *buffer, size_t size) { return strerror_r(error, buffer, size); }
