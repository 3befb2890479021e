// What TLS needs of OpenSSL, and the macros that Swift cannot see.
#pragma once
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

// Function-like macros of libssl under their own names.

static inline int shim_SSL_CTX_set_min_proto_version(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_min_proto_version(context, version);
}
static inline int shim_SSL_CTX_set_max_proto_version(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_max_proto_version(context, version);
}
static inline int shim_SSL_CTX_set1_groups_list(SSL_CTX *context, const char *groups) {
    return (int)SSL_CTX_set1_groups_list(context, groups);
}
static inline long shim_SSL_CTX_set_mode(SSL_CTX *context, long mode) { return SSL_CTX_set_mode(context, mode); }
static inline long shim_SSL_CTX_set_session_cache_mode(SSL_CTX *context, long mode) {
    return SSL_CTX_set_session_cache_mode(context, mode);
}
static inline int shim_SSL_CTX_set_max_send_fragment(SSL_CTX *context, long bytes) {
    return (int)SSL_CTX_set_max_send_fragment(context, bytes);
}
static inline void shim_SSL_CTX_set_servername_callback(SSL_CTX *context, int (*answer)(SSL *, int *, void *)) {
    SSL_CTX_set_tlsext_servername_callback(context, answer);
}
static inline int shim_SSL_set_tlsext_host_name(SSL *ssl, const char *name) {
    return (int)SSL_set_tlsext_host_name(ssl, name);
}
static inline int shim_SSL_set1_verify_cert_store(SSL *ssl, X509_STORE *store) {
    return (int)SSL_set1_verify_cert_store(ssl, store);
}
static inline int shim_SSL_CTX_set1_verify_cert_store(SSL_CTX *context, X509_STORE *store) {
    return (int)SSL_CTX_set1_verify_cert_store(context, store);
}
static inline int shim_ERR_GET_REASON(unsigned long code) { return ERR_GET_REASON(code); }
static inline int shim_ERR_GET_LIB(unsigned long code) { return ERR_GET_LIB(code); }

// Parameters, whose names must outlive the call that builds them.

static inline int shim_HMAC_SHA256_set_key(EVP_MAC_CTX *context, const uint8_t *key, size_t count) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)key, count),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_CTX_set_params(context, parameters);
}

// Lists, whose typed accessors are macros.

static inline STACK_OF(X509) *shim_certificates_new(void) { return sk_X509_new_null(); }
static inline int shim_certificates_push(STACK_OF(X509) *list, X509 *certificate) {
    return sk_X509_push(list, certificate);
}
static inline void shim_certificates_free(STACK_OF(X509) *list) { sk_X509_pop_free(list, X509_free); }
static inline STACK_OF(X509_NAME) *shim_names_new(void) { return sk_X509_NAME_new_null(); }
static inline int shim_names_push(STACK_OF(X509_NAME) *list, X509_NAME *name) { return sk_X509_NAME_push(list, name); }
static inline void shim_names_free(STACK_OF(X509_NAME) *list) { sk_X509_NAME_pop_free(list, X509_NAME_free); }
static inline int shim_general_names_count(const GENERAL_NAMES *list) { return sk_GENERAL_NAME_num(list); }
static inline const GENERAL_NAME *shim_general_names_get(const GENERAL_NAMES *list, int index) {
    return sk_GENERAL_NAME_value(list, index);
}

// Options, whose macros have casts.

static const uint64_t shim_options = SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE
    | SSL_OP_PRIORITIZE_CHACHA | SSL_OP_SINGLE_ECDH_USE | SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1;
static const long shim_modes = SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY;
// RFC 2253 escapes bytes above 127; without that flag names stay UTF-8.
static const unsigned long shim_name_flags = XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB;
