internal import CNetfilter

/// A received netlink message, valid until the socket's next read.
@safe struct Message {
    /// The header's fields (struct nlmsghdr).
    let type: UInt16
    let flags: UInt16
    let sequence: UInt32
    let sender: UInt32

    /// The whole message, header included.
    let bytes: UnsafeRawBufferPointer

    private static let headerBytes = 16

    /// What follows the header: at least as long as the kernel's headers of that type, or shorter when it is broken.
    var payload: UnsafeRawBufferPointer { unsafe bytes[Self.headerBytes...].rebased }

    /// The message of nf_tables, when the type belongs to that subsystem.
    var nftablesType: UInt16? {
        type >> 8 == UInt16(NFNL_SUBSYS_NFTABLES) ? type & 0xff : nil
    }

    /// The family that a message of nf_tables is about (struct nfgenmsg).
    var family: UInt8 { unsafe payload.isEmpty ? 0 : payload[0] }

    /// The positive error number that ended a listing, or 0 for its proper end; nil for any other message.
    var listingError: Int32? {
        guard type == UInt16(NLMSG_DONE) else { return nil }
        return unsafe payload.count < 4 ? 0 : 0 &- payload.loadUnaligned(as: Int32.self)
    }

    /// The attributes of a message of nf_tables, past its own header.
    var attributes: Attributes {
        unsafe Attributes(payload.count < 4 ? UnsafeRawBufferPointer(start: nil, count: 0) : payload[4...].rebased)
    }

    /// Calls a closure with each message of what was received, and stops at one that is cut off.
    static func forEach(in received: UnsafeRawBufferPointer, _ body: (Message) -> Void) {
        var offset = 0
        while received.count - offset >= headerBytes {
            let length = Int(unsafe received.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            guard length >= headerBytes, length <= received.count - offset else { return }
            unsafe body(
                Message(
                    type: received.loadUnaligned(fromByteOffset: offset + 4, as: UInt16.self),
                    flags: received.loadUnaligned(fromByteOffset: offset + 6, as: UInt16.self),
                    sequence: received.loadUnaligned(fromByteOffset: offset + 8, as: UInt32.self),
                    sender: received.loadUnaligned(fromByteOffset: offset + 12, as: UInt32.self),
                    bytes: received[offset..<(offset + length)].rebased
                )
            )
            offset += (length + 3) & ~3
        }
    }
}

/// Netlink attributes that follow one another; broken ones end the sequence.
@safe struct Attributes: Sequence, IteratorProtocol {
    /// One attribute, valid as long as the bytes that it was read from.
    @safe struct Attribute {
        /// The type, without the flags.
        let type: UInt16
        /// Where it starts, from the start of the sequence.
        let offset: Int
        /// The value.
        let value: UnsafeRawBufferPointer

        /// Where it ends, from the start of the sequence and without padding.
        var end: Int { unsafe offset + 4 + value.count }

        /// The attributes inside.
        var nested: Attributes { unsafe Attributes(value) }

        /// The value as text that ends with a NUL.
        var text: String { unsafe String(decoding: value.prefix { $0 != 0 }, as: UTF8.self) }

        /// The value as bytes.
        var octets: [UInt8] { unsafe Array(value) }

        /// The value as a number in network order, or nil when it is not four bytes long.
        var number: UInt32? {
            unsafe value.count == 4 ? value.loadUnaligned(as: UInt32.self).bigEndian : nil
        }
    }

    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = bytes }

    mutating func next() -> Attribute? {
        guard unsafe bytes.count - offset >= 4 else { return nil }
        let start = offset
        let length = unsafe Int(bytes.loadUnaligned(fromByteOffset: start, as: UInt16.self))
        guard length >= 4, unsafe length <= bytes.count - start else { return nil }
        offset = start + ((length + 3) & ~3)
        // The two highest bits are NLA_F_NESTED and NLA_F_NET_BYTEORDER.
        let type = unsafe bytes.loadUnaligned(fromByteOffset: start + 2, as: UInt16.self) & 0x3fff
        return unsafe Attribute(type: type, offset: start, value: bytes[(start + 4)..<(start + length)].rebased)
    }

    /// Returns the first attribute of a type.
    func first(_ type: some RawRepresentable<UInt32>) -> Attribute? { first { $0.type == UInt16(type.rawValue) } }
}

extension Slice<UnsafeRawBufferPointer> {
    /// The same bytes, counted from zero.
    fileprivate var rebased: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(rebasing: self) }
}
