// System calls and structures of the event loop that Swift's Glibc module leaves out or cannot import.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// What epoll reported of one descriptor.
typedef struct {
    uint64_t token;
    uint32_t events;
} ceventio_event;

/// Events as epoll numbers them.
enum {
    CEVENTIO_READABLE = 0x001,
    CEVENTIO_WRITABLE = 0x004,
    CEVENTIO_ERROR = 0x008,
    CEVENTIO_HANGUP = 0x010,
    CEVENTIO_PEER_CLOSED = 0x2000,
};

/// Opens an epoll descriptor. Returns -1 with errno.
int ceventio_open_poller(void);

/// Watches a descriptor. Edge-triggered: reading, writing and the peer's close; else reading alone. 0 or an error number.
int ceventio_watch(int poller, int descriptor, uint64_t token, int edges);

/// Watches a descriptor no more. Returns 0 or an error number.
int ceventio_unwatch(int poller, int descriptor);

/// Waits for events, at most `limit` and 1024. Returns how many, or a negative error number.
int ceventio_wait(int poller, ceventio_event *events, int limit, int milliseconds);

/// Where a connection comes from: 4 or 16 octets of the address, and the port.
typedef struct {
    uint8_t octets[16];
    uint16_t port;
    uint16_t octet_count;
} ceventio_peer;

/// Takes a connection that is private to this process and never blocks. Returns it, or a negative error number.
int ceventio_accept(int listener, ceventio_peer *peer);

/// Starts to connect a new socket to an address of 4 or 16 octets. Returns it, or a negative error number.
int ceventio_connect(const ceventio_peer *peer, int *is_done);

/// Takes the error that waits on a socket: 0 for none.
int ceventio_take_error(int descriptor);

/// Lets several sockets listen on the same port, each with its share. Returns 0 or an error number.
int ceventio_share_port(int descriptor);

/// Sends small writes at once, and those of the connections that a listener takes. Returns 0 or an error number.
int ceventio_disable_delay(int descriptor);

/// Reads. Returns how many bytes, 0 at the end, or a negative error number.
ptrdiff_t ceventio_receive(int descriptor, void *buffer, size_t count);

/// Whether a stream has neither ended nor brought bytes: 1 for quiet, 0 else.
int ceventio_is_quiet(int descriptor);

/// Writes without a signal. Returns how many bytes, or a negative error number.
ptrdiff_t ceventio_send(int descriptor, const void *buffer, size_t count);

/// Writes two pieces without a signal. Returns how many bytes, or a negative error number.
ptrdiff_t ceventio_send_both(int descriptor, const void *first, size_t first_count, const void *second,
                             size_t second_count);

/// Opens a pipe of at least `capacity` bytes if the kernel allows it. Returns its size, or a negative error number.
int ceventio_open_pipe(int *reading, int *writing, int capacity);

/// Moves bytes between a pipe and a socket without copying. Returns how many, 0 at the end, or a negative error number.
ptrdiff_t ceventio_splice(int from, int to, size_t count, int has_more);

/// Ends the writing side. Returns 0 or an error number.
int ceventio_shut_writing(int descriptor);

/// Makes closing reset the connection. Returns 0 or an error number.
int ceventio_reset_when_closed(int descriptor);

/// Closes a descriptor.
void ceventio_close(int descriptor);

/// Nanoseconds of a clock that never goes back.
int64_t ceventio_monotonic(void);

/// Seconds since 1970, and the nanoseconds of the present one.
int64_t ceventio_wall(int32_t *nanoseconds);

/// Fills a buffer with random bytes. Returns 0 or an error number.
int ceventio_random(void *buffer, size_t count);
