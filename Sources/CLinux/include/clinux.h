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

/// Moves the calling thread into the network namespace of a descriptor. Returns -1 with errno on failure.
int clinux_enter_network(int descriptor);

/// Runs a function on a new thread and waits for its end. Returns an error number, 0 for success.
int clinux_run_on_thread(void (*body)(void *), void *context);

/// Calls a function with the interface and the raw octets (4 or 16) of each address of this network namespace.
/// Returns -1 with errno on failure.
int clinux_each_local_address(void (*visit)(void *context, const char *interface, const uint8_t *octets, int count),
                              void *context);

/// Opens a socket that is readable when an address of this network namespace comes or goes. Returns -1 with errno.
int clinux_open_address_monitor(void);

/// Blocks the signals, and opens a descriptor that gives them instead. Returns -1 with errno.
int clinux_open_signals(const int *signals, int count);

/// Reads the next signal of such a descriptor: its number, or -1 with errno (EAGAIN when there is none).
int clinux_read_signal(int descriptor);

/// Binds a name among the abstract Unix sockets of this network namespace. Returns -1 with errno on failure.
int clinux_take_name(const char *name);
