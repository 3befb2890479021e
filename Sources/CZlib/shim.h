// zlib, whose macros that call functions Swift cannot import.
#include <zlib.h>

// 15 bits of window, and 32 more to take both zlib's and gzip's header.
static inline int shim_inflate_begin(z_stream *stream) { return inflateInit2(stream, 15 + 32); }

// 16 more bits write gzip's header; 8 is the default amount of memory.
static inline int shim_gzip_begin(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}
