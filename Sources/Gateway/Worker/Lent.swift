internal import ByteBuffers

extension ByteBuffer {
    /// The bytes, for the one expression in which this is written.
    ///
    /// A worker appends from one of its buffers to another all the time. The compiler (6.3) takes a span of one stored
    /// property of a struct that cannot be copied for a borrow of the whole struct, and would have each such pair taken
    /// apart. So this span is tied to nothing, and the rule is kept by hand: it is never stored, and never handed to
    /// something that changes the buffer that it came from. Everywhere else `bytes` is used, which the compiler guards.
    var lent: Span<UInt8> {
        @_lifetime(immortal)
        borrowing get {
            let span = bytes
            // See above: the caller uses it within the expression, while nothing changes this buffer.
            return unsafe _overrideLifetime(span, copying: ())
        }
    }
}
