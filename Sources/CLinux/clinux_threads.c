#define _GNU_SOURCE
#include "clinux_threads.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>

_Static_assert(sizeof(pthread_t) == sizeof(uint64_t), "a thread's handle is kept in 64 bits");

struct thread_start {
    void (*body)(void *);
    void *context;
};

static void *run_start(void *argument) {
    struct thread_start start = *(struct thread_start *)argument;
    free(argument);
    start.body(start.context);
    return NULL;
}

int clinux_start_thread(uint64_t *thread, const char *name, void (*body)(void *), void *context) {
    struct thread_start *start = malloc(sizeof *start);
    if (start == NULL) return ENOMEM;
    *start = (struct thread_start){body, context};
    // Signals are for the thread that reads them: the new one inherits a mask that lets none through.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t handle;
    int error = pthread_create(&handle, NULL, run_start, start);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) {
        free(start);
        return error;
    }
    // The name is a help for whoever looks at the process; longer ones than 15 bytes are refused.
    pthread_setname_np(handle, name);
    *thread = (uint64_t)handle;
    return 0;
}

int clinux_join_thread(uint64_t thread) { return pthread_join((pthread_t)thread, NULL); }

int clinux_detach_thread(uint64_t thread) { return pthread_detach((pthread_t)thread); }

int clinux_open_wakeup(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
