#define _GNU_SOURCE
#include "ceventio.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

int ceventio_open_poller(void) { return epoll_create1(EPOLL_CLOEXEC); }

int ceventio_watch(int poller, int descriptor, uint64_t token, int edges) {
    struct epoll_event event;
    event.events = edges ? EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET : EPOLLIN;
    event.data.u64 = token;
    return epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) == 0 ? 0 : errno;
}

int ceventio_unwatch(int poller, int descriptor) {
    struct epoll_event event = {0};
    return epoll_ctl(poller, EPOLL_CTL_DEL, descriptor, &event) == 0 ? 0 : errno;
}

int ceventio_wait(int poller, ceventio_event *events, int limit, int milliseconds) {
    struct epoll_event ready[1024];
    if (limit > 1024) limit = 1024;
    int count = epoll_wait(poller, ready, limit, milliseconds);
    if (count < 0) return -errno;
    for (int index = 0; index < count; index++) {
        events[index].token = ready[index].data.u64;
        events[index].events = ready[index].events;
    }
    return count;
}

int ceventio_accept(int listener, ceventio_peer *peer) {
    struct sockaddr_storage address;
    for (;;) {
        socklen_t length = sizeof address;
        int descriptor = accept4(listener, (struct sockaddr *)&address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) {
            // Errors of the network belong to the connection that was taken, and to no other (accept(2), "Error handling").
            switch (errno) {
            case EINTR: case ECONNABORTED: case ENETDOWN: case EPROTO: case ENOPROTOOPT: case EHOSTDOWN: case ENONET:
            case EHOSTUNREACH: case ENETUNREACH: continue;
            default: return -errno;
            }
        }
        if (address.ss_family == AF_INET) {
            const struct sockaddr_in *v4 = (const struct sockaddr_in *)&address;
            memcpy(peer->octets, &v4->sin_addr, 4);
            peer->octet_count = 4;
            peer->port = ntohs(v4->sin_port);
        } else {
            const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&address;
            peer->port = ntohs(v6->sin6_port);
            if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
                memcpy(peer->octets, v6->sin6_addr.s6_addr + 12, 4);
                peer->octet_count = 4;
            } else {
                memcpy(peer->octets, &v6->sin6_addr, 16);
                peer->octet_count = 16;
            }
        }
        return descriptor;
    }
}

int ceventio_connect(const ceventio_peer *peer, int *is_done) {
    int family = peer->octet_count == 4 ? AF_INET : AF_INET6;
    int descriptor = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -errno;
    int one = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct sockaddr_in v4 = {0};
    struct sockaddr_in6 v6 = {0};
    const struct sockaddr *address;
    socklen_t length;
    if (family == AF_INET) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(peer->port);
        memcpy(&v4.sin_addr, peer->octets, 4);
        address = (const struct sockaddr *)&v4;
        length = sizeof v4;
    } else {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(peer->port);
        memcpy(&v6.sin6_addr, peer->octets, 16);
        address = (const struct sockaddr *)&v6;
        length = sizeof v6;
    }
    *is_done = 0;
    if (connect(descriptor, address, length) == 0) {
        *is_done = 1;
        return descriptor;
    }
    if (errno == EINPROGRESS || errno == EINTR) return descriptor;
    int error = errno;
    close(descriptor);
    return -error;
}

int ceventio_take_error(int descriptor) {
    int error = 0;
    socklen_t length = sizeof error;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
    return error;
}

int ceventio_share_port(int descriptor) {
    int one = 1;
    return setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) == 0 ? 0 : errno;
}

int ceventio_disable_delay(int descriptor) {
    int one = 1;
    return setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0 ? 0 : errno;
}

// recv and send are cancellation points, which costs both two function calls and a lock; no thread here is cancelled.
ptrdiff_t ceventio_receive(int descriptor, void *buffer, size_t count) {
    for (;;) {
        ssize_t result = syscall(SYS_recvfrom, descriptor, buffer, count, 0, NULL, NULL);
        if (result >= 0) return result;
        if (errno != EINTR) return -errno;
    }
}

int ceventio_is_quiet(int descriptor) {
    char byte;
    ssize_t result = recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return result < 0 && (errno == EAGAIN || errno == EINTR);
}

ptrdiff_t ceventio_send(int descriptor, const void *buffer, size_t count) {
    for (;;) {
        ssize_t result = syscall(SYS_sendto, descriptor, buffer, count, MSG_NOSIGNAL, NULL, 0);
        if (result >= 0) return result;
        if (errno != EINTR) return -errno;
    }
}

ptrdiff_t ceventio_send_both(int descriptor, const void *first, size_t first_count, const void *second,
                             size_t second_count) {
    struct iovec pieces[2] = {{(void *)first, first_count}, {(void *)second, second_count}};
    struct msghdr message = {0};
    message.msg_iov = pieces;
    message.msg_iovlen = 2;
    for (;;) {
        ssize_t result = sendmsg(descriptor, &message, MSG_NOSIGNAL);
        if (result >= 0) return result;
        if (errno != EINTR) return -errno;
    }
}

int ceventio_open_pipe(int *reading, int *writing, int capacity) {
    int ends[2];
    if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0) return -errno;
    *reading = ends[0];
    *writing = ends[1];
    // An unprivileged process may be over its share of pipe memory; a smaller pipe serves as well.
    fcntl(ends[1], F_SETPIPE_SZ, capacity);
    int size = fcntl(ends[1], F_GETPIPE_SZ);
    return size > 0 ? size : 4096;
}

ptrdiff_t ceventio_splice(int from, int to, size_t count, int has_more) {
    unsigned flags = SPLICE_F_NONBLOCK | SPLICE_F_MOVE | (has_more ? SPLICE_F_MORE : 0);
    for (;;) {
        ssize_t result = splice(from, NULL, to, NULL, count, flags);
        if (result >= 0) return result;
        if (errno != EINTR) return -errno;
    }
}

int ceventio_shut_writing(int descriptor) { return shutdown(descriptor, SHUT_WR) == 0 ? 0 : errno; }

int ceventio_reset_when_closed(int descriptor) {
    struct linger option = {1, 0};
    return setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, sizeof option) == 0 ? 0 : errno;
}

void ceventio_close(int descriptor) { close(descriptor); }

int64_t ceventio_monotonic(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t ceventio_wall(int32_t *nanoseconds) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    *nanoseconds = (int32_t)time.tv_nsec;
    return time.tv_sec;
}

int ceventio_random(void *buffer, size_t count) {
    unsigned char *position = buffer;
    while (count > 0) {
        ssize_t result = getrandom(position, count, 0);
        if (result < 0) {
            if (errno == EINTR) continue;
            return errno;
        }
        position += result;
        count -= (size_t)result;
    }
    return 0;
}
