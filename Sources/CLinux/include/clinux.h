// System calls, structures and macros that Swift's Glibc module leaves out or cannot import.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// The errno of the calling thread.
int clinux_errno(void);

/// The GNU form of strerror_r: returns a pointer into the buffer, or to a constant.
const char *clinux_strerror(int error, char *buffer, size_t size);

/// Moves the calling thread into a new network namespace. Returns -1 with errno on failure.
int clinux_unshare_network(void);

/// Runs a function on a new thread and waits for its end. Returns an error number, 0 for success.
int clinux_run_on_thread(void (*body)(void *), void *context);
