#define _GNU_SOURCE
#include "clinux_epoll.h"

#include <sys/epoll.h>

static int control(int queue, int operation, int descriptor, uint64_t token, int reading, int writing) {
    struct epoll_event event = {.events = (reading ? EPOLLIN | EPOLLRDHUP : 0) | (writing ? EPOLLOUT : 0)};
    event.data.u64 = token;
    return epoll_ctl(queue, operation, descriptor, &event);
}

int clinux_epoll_open(void) { return epoll_create1(EPOLL_CLOEXEC); }

int clinux_epoll_add(int queue, int descriptor, uint64_t token, int reading, int writing) {
    return control(queue, EPOLL_CTL_ADD, descriptor, token, reading, writing);
}

int clinux_epoll_change(int queue, int descriptor, uint64_t token, int reading, int writing) {
    return control(queue, EPOLL_CTL_MOD, descriptor, token, reading, writing);
}

int clinux_epoll_take(int queue, clinux_epoll_event *events, int limit) {
    struct epoll_event raw[256];
    int count = epoll_wait(queue, raw, limit < 256 ? limit : 256, 0);
    for (int index = 0; index < count; index++) {
        uint32_t happened = raw[index].events;
        int failed = (happened & (EPOLLERR | EPOLLHUP)) != 0;
        events[index].token = raw[index].data.u64;
        events[index].readable = failed || (happened & (EPOLLIN | EPOLLRDHUP)) != 0;
        events[index].writable = failed || (happened & EPOLLOUT) != 0;
    }
    return count;
}
