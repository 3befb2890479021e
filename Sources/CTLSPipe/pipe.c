#include "ctlspipe.h"

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static int pipe_read(BIO *bio, char *bytes, size_t count, size_t *taken) {
    tls_pipe *pipe = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (pipe->input_left == 0) {
        // Not the end: the peer's next bytes come with the next call.
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t part = count < pipe->input_left ? count : pipe->input_left;
    memcpy(bytes, pipe->input, part);
    pipe->input += part;
    pipe->input_left -= part;
    *taken = part;
    return 1;
}

static int pipe_write(BIO *bio, const char *bytes, size_t count, size_t *written) {
    tls_pipe *pipe = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (pipe->output == NULL) {
        BIO_set_retry_write(bio);
        return -1;
    }
    pipe->append(pipe->output, (const uint8_t *)bytes, count);
    *written = count;
    return 1;
}

static long pipe_control(BIO *bio, int command, long number, void *pointer) {
    (void)bio;
    (void)number;
    (void)pointer;
    // Nothing is held back, so flushing succeeds; of what else libssl asks, nothing applies.
    return command == BIO_CTRL_FLUSH;
}

static int pipe_destroy(BIO *bio) {
    tls_pipe *pipe = BIO_get_data(bio);
    if (pipe == NULL) return 1;
    if (pipe->release != NULL) pipe->release(pipe->owner);
    free(pipe);
    BIO_set_data(bio, NULL);
    return 1;
}

static BIO_METHOD *method;
static pthread_once_t method_once = PTHREAD_ONCE_INIT;

static void make_method(void) {
    BIO_METHOD *made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "lent memory");
    if (made == NULL) return;
    BIO_meth_set_read_ex(made, pipe_read);
    BIO_meth_set_write_ex(made, pipe_write);
    BIO_meth_set_ctrl(made, pipe_control);
    BIO_meth_set_destroy(made, pipe_destroy);
    method = made;
}

BIO *tls_pipe_new(void (*append)(void *, const uint8_t *, size_t), void *owner, void (*release)(void *)) {
    pthread_once(&method_once, make_method);
    tls_pipe *pipe = calloc(1, sizeof *pipe);
    BIO *bio = method == NULL || pipe == NULL ? NULL : BIO_new(method);
    if (bio == NULL) {
        free(pipe);
        return NULL;
    }
    pipe->append = append;
    pipe->owner = owner;
    pipe->release = release;
    BIO_set_data(bio, pipe);
    BIO_set_init(bio, 1);
    return bio;
}

void tls_pipe_attach(SSL *ssl, BIO *bio) {
    // SSL_set_bio takes one reference when both directions are the same.
    BIO_up_ref(bio);
    SSL_set_bio(ssl, bio, bio);
}

tls_pipe *tls_pipe_of(const SSL *ssl) { return BIO_get_data(SSL_get_rbio(ssl)); }
