private import Glibc

/// The streams that every program is given and that it does not own.
package enum StandardStream: Int32, Sendable {
    /// Where results go.
    case output = 1
    /// Where complaints and logs go.
    case error = 2

    /// Writes all of a text at once, without a buffer of its own.
    ///
    /// The corresponding C function is `write`.
    package func write(_ text: String) throws(Errno) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = try retryingInterrupts {
                // The buffer's own count bounds the write.
                unsafe bytes.withUnsafeBytes { unsafe Glibc.write(rawValue, $0.baseAddress, $0.count) }
            }
            bytes = bytes.dropFirst(count)
        }
    }
}
