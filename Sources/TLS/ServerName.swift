/// The name that a client asks for (RFC 6066 §3), as it stands in tables: in lower case, without a final dot.
struct ServerName {
    /// The longest name of a host (RFC 1035 §2.3.4).
    static let lengthMax = 253

    private var storage = [256 of UInt8](repeating: 0)
    private(set) var count = 0

    /// Creates the name of a client that asks for none.
    init() {}

    /// Reads the body of the extension; a name that no host can have is none.
    init(extension body: borrowing Span<UInt8>) {
        // A list of one name: its length, the type 0, the length of the name, the name. OpenSSL reads it after us, and
        // refuses it when it is malformed.
        guard body.count > 5, body[2] == 0, Int(body[3]) << 8 | Int(body[4]) == body.count - 5 else { return }
        read(body.extracting(5..<body.count))
    }

    /// Reads a name.
    init(_ name: borrowing Span<UInt8>) { read(name) }

    private mutating func read(_ name: borrowing Span<UInt8>) {
        let length = name.count
        guard length > 0, length <= Self.lengthMax + 1 else { return }
        let end = name[length - 1] == UInt8(ascii: ".") ? length - 1 : length
        guard end <= Self.lengthMax else { return }
        for index in 0..<end {
            let byte = name[index]
            // A blank, a NUL or an eighth bit is in no host's name.
            guard (33...126).contains(byte) else {
                count = 0
                return
            }
            storage[index] = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 32 : byte
            count = index + 1
        }
    }

    /// The bytes of the name.
    var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get { storage.span.extracting(0..<count) }
    }
}
