#include "celementobjects.h"

#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/set.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

// What one message can take: a list of 64 KiB, one element too many, which libnftnl writes and takes back, the names
// and the headers.
static const size_t message_bytes_max = 68 * 1024;

static int add_elements(struct nftnl_set *set, const struct packed_elements *elements) {
    for (size_t index = 0; index < elements->count; index++) {
        struct nftnl_set_elem *element = nftnl_set_elem_alloc();
        if (element == NULL) return -1;
        uint32_t start = elements->comment_starts[index], end = elements->comment_starts[index + 1];
        if (nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, elements->keys + index * elements->key_bytes,
                               elements->key_bytes) != 0 ||
            nftnl_set_elem_set(element, NFTNL_SET_ELEM_DATA, elements->data + index * elements->data_bytes,
                               elements->data_bytes) != 0 ||
            nftnl_set_elem_set(element, NFTNL_SET_ELEM_USERDATA, elements->comments + start, end - start) != 0) {
            nftnl_set_elem_free(element);
            return -1;
        }
        nftnl_set_elem_add(set, element);
    }
    return 0;
}

size_t encode_with_libnftnl(const struct packed_elements *elements, uint8_t *buffer, size_t capacity) {
    struct nftnl_set *set = nftnl_set_alloc();
    if (set == NULL) return 0;
    size_t written = 0;
    struct nftnl_set_elems_iter *iterator = NULL;
    if (nftnl_set_set_str(set, NFTNL_SET_TABLE, "fairlead") == 0 &&
        nftnl_set_set_str(set, NFTNL_SET_NAME, "endpoints") == 0 && add_elements(set, elements) == 0 &&
        (iterator = nftnl_set_elems_iter_create(set)) != NULL) {
        uint32_t sequence = 0;
        int is_unfinished;
        do {
            if (capacity - written < message_bytes_max) {
                written = 0;
                break;
            }
            struct nlmsghdr *header = nftnl_nlmsg_build_hdr((char *)buffer + written, NFT_MSG_NEWSETELEM, NFPROTO_IPV4,
                                                            NLM_F_CREATE, ++sequence);
            is_unfinished = nftnl_set_elems_nlmsg_build_payload_iter(header, iterator);
            written += MNL_ALIGN(header->nlmsg_len);
        } while (is_unfinished > 0);
        nftnl_set_elems_iter_destroy(iterator);
    }
    nftnl_set_free(set);
    return written;
}
