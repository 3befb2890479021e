internal import ByteBuffers

/// The version in the first line of a message, eight bytes long.
enum HTTPVersion {
    /// `HTTP/1.1` as a word, the first letter lowest.
    static var oneOne: UInt64 { 0x312e_312f_5054_5448 }
    /// `HTTP/1.0` likewise.
    static var oneZero: UInt64 { 0x302e_312f_5054_5448 }

    /// Whether eight bytes are a version of HTTP; its letters are capital ones (RFC 9112 §2.3).
    static func isHTTP(_ bytes: Span<UInt8>, at start: Int) -> Bool {
        let name: UInt64 = 0xff_ffff_ffff
        return bytes.word(at: start) & name == oneOne & name && bytes[start + 5].isDigit
            && bytes[start + 6] == UInt8(ascii: ".") && bytes[start + 7].isDigit
    }
}
