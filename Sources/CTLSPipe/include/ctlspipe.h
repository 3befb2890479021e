// An OpenSSL BIO over memory that its caller lends for the time of one call.
//
// One pipe serves every session of a context, since one thread has one call under way: an idle session owns no
// buffer and no BIO. OpenSSL reads ciphertext where it lies and hands what it writes to a function that appends it.
#pragma once
#include <stddef.h>
#include <stdint.h>

struct bio_st;
struct ssl_st;

typedef struct tls_pipe {
    // Ciphertext that OpenSSL has not read yet; borrowed for one call.
    const uint8_t *input;
    size_t input_left;
    // Where ciphertext for the peer goes; NULL outside of calls.
    void *output;
    void (*append)(void *output, const uint8_t *bytes, size_t count);
    // What lives as long as the pipe, and so as long as the last session on it.
    void *owner;
    void (*release)(void *owner);
} tls_pipe;

// Makes a BIO with a pipe; `release` is called for `owner` when its last reference is gone. NULL when out of memory.
struct bio_st *tls_pipe_new(void (*append)(void *, const uint8_t *, size_t), void *owner, void (*release)(void *));

// Gives a session the pipe of a BIO, whose references grow by one.
void tls_pipe_attach(struct ssl_st *ssl, struct bio_st *bio);

// The pipe that a session was given.
tls_pipe *tls_pipe_of(const struct ssl_st *ssl);
