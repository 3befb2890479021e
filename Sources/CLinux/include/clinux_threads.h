// Threads that outlive the call that starts them, and what wakes one that waits for descriptors.
#pragma once
#include <stdint.h>

/// Starts a named thread that takes no signals. Returns an error number, 0 for success.
int clinux_start_thread(uint64_t *thread, const char *name, void (*body)(void *), void *context);

/// Waits for the end of such a thread, once for each. Returns an error number, 0 for success.
int clinux_join_thread(uint64_t thread);

/// Lets such a thread leave nothing behind at its end; it must not be joined then. Returns an error number, 0 for success.
int clinux_detach_thread(uint64_t thread);

/// Opens a descriptor that is readable after a write of eight bytes, until it is read. Returns -1 with errno.
int clinux_open_wakeup(void);
