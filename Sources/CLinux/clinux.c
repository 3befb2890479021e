#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

int clinux_errno(void) { return errno; }

const char *clinux_strerror(int error, char *buffer, size_t size) { return strerror_r(error, buffer, size); }

int clinux_unshare_network(void) { return unshare(CLONE_NEWNET); }

struct thread_body {
    void (*body)(void *);
    void *context;
};

static void *run_body(void *argument) {
    struct thread_body *start = argument;
    start->body(start->context);
    return NULL;
}

int clinux_run_on_thread(void (*body)(void *), void *context) {
    struct thread_body start = {body, context};
    pthread_t thread;
    int error = pthread_create(&thread, NULL, run_body, &start);
    return error != 0 ? error : pthread_join(thread, NULL);
}
