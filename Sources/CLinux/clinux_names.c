#define _GNU_SOURCE
#include "clinux_names.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

int clinux_resolve(const char *name, void (*visit)(void *context, const uint8_t *octets, int count), void *context) {
    struct addrinfo hints;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    struct addrinfo *first = NULL;
    int code = getaddrinfo(name, NULL, &hints, &first);
    if (code != 0) return code;
    for (const struct addrinfo *entry = first; entry != NULL; entry = entry->ai_next) {
        if (entry->ai_family == AF_INET) {
            const struct sockaddr_in *v4 = (const struct sockaddr_in *)entry->ai_addr;
            visit(context, (const uint8_t *)&v4->sin_addr, 4);
        } else if (entry->ai_family == AF_INET6) {
            const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)entry->ai_addr;
            visit(context, v6->sin6_addr.s6_addr, 16);
        }
    }
    freeaddrinfo(first);
    return 0;
}
