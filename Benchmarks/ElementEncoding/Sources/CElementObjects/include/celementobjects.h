// The same list of elements, built the way that libnftnl offers.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// The elements of a map, packed as the kernel wants them: one array for each part, in the same order.
struct packed_elements {
    size_t count;
    const uint8_t *keys;
    uint32_t key_bytes;
    const uint8_t *data;
    uint32_t data_bytes;
    /// Comments as userdata, all in a row, and where each of them starts; one more start than elements.
    const uint8_t *comments;
    const uint32_t *comment_starts;
};

/// Builds the messages that add the elements to map "endpoints" of table "ip fairlead", through libnftnl's objects.
/// Returns the bytes written, or 0 without memory or when they do not fit.
size_t encode_with_libnftnl(const struct packed_elements *elements, uint8_t *buffer, size_t capacity);
