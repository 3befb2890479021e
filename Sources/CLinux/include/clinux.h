// System calls, structures and macros that Swift's Glibc module leaves out or cannot import.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// The errno of the calling thread.
int clinux_errno(void);

/// The GNU form of strerror_r: returns a pointer into the buffer, or to a constant.
const char *clinux_strerror(int error, char *buffer, size_t size);
