// epoll, whose packed structure and macros Swift cannot import.
#pragma once
#include <stdint.h>

/// What happened to a descriptor.
typedef struct clinux_epoll_event {
    uint64_t token;
    int readable;
    int writable;
} clinux_epoll_event;

/// Opens a queue. Returns -1 with errno on failure, as do all here.
int clinux_epoll_open(void);

/// Adds a descriptor.
int clinux_epoll_add(int queue, int descriptor, uint64_t token, int reading, int writing);

/// Changes what is waited for.
int clinux_epoll_change(int queue, int descriptor, uint64_t token, int reading, int writing);

/// Takes at most so many events, at most 256, without waiting. Returns how many.
int clinux_epoll_take(int queue, clinux_epoll_event *events, int limit);
