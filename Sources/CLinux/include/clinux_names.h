// The resolver, whose structures Swift would have to walk.
#pragma once
#include <stdint.h>

/// Calls a function with the raw octets (4 or 16) of each address of a host name. Returns 0 or a code of getaddrinfo.
int clinux_resolve(const char *name, void (*visit)(void *context, const uint8_t *octets, int count), void *context);
