package import NetworkAddress

/// The key or the data of an element: its fields in the kernel's layout, whole words one after the other.
///
/// Addresses and ports stand in network order, numbers in the host's order; narrow fields are padded with zeros
/// at the end of their word. The words are kept in place, without a heap allocation: a node holds hundreds of
/// thousands of them while it programs a large cluster.
package struct PackedFields: Sendable {
    /// The most words that a key takes here: an IPv6 client, Service, endpoint, and their protocol and ports.
    package static let wordsMax = 12

    private var storage: InlineArray<12, UInt32>

    /// The number of words in use.
    package private(set) var count: Int

    /// The bytes that the kernel is given: those of a lone field, or whole words of several.
    package private(set) var kernelLength: Int

    /// Creates an empty concatenation, to append fields to.
    package init() {
        storage = InlineArray(repeating: 0)
        count = 0
        kernelLength = 0
    }

    /// Creates a concatenation of bytes as the kernel gave them, or returns nil when there are too many.
    package init?(bytes: [UInt8]) {
        guard bytes.count <= Self.wordsMax * 4 else { return nil }
        self.init()
        for start in stride(from: 0, to: bytes.count, by: 4) {
            // A lone field that is narrower than its word stands at the word's start in memory.
            let inNetworkOrder = (0..<4).reduce(UInt32(0)) { word, index in
                word << 8 | (start + index < bytes.count ? UInt32(bytes[start + index]) : 0)
            }
            append(word: inNetworkOrder.bigEndian)
        }
        kernelLength = bytes.count
    }

    /// Reads or writes a word.
    package subscript(index: Int) -> UInt32 {
        precondition(index < count, "word past the end")
        return storage[index]
    }

    /// Appends a field of one word as the kernel lays it out, with the bytes that it has of its own.
    private mutating func append(word: UInt32, bytes: Int = 4) {
        storage[count] = word
        count += 1
        kernelLength = count == 1 ? bytes : count * 4
    }

    /// Appends an address: one word or four.
    package mutating func append(_ address: IPAddress) {
        if address.family == .ipv4 {
            append(word: address.ipv4Number.bigEndian)
        } else {
            for shift in [96, 64, 32, 0] as [UInt128] {
                append(word: UInt32(truncatingIfNeeded: address.bits >> shift).bigEndian)
            }
        }
    }

    /// Appends a transport protocol.
    package mutating func append(_ transport: TransportProtocol) { append(protocolNumber: transport.rawValue) }

    /// Appends the number of any protocol.
    package mutating func append(protocolNumber: UInt8) {
        // One byte, at the start of the word in memory.
        append(word: (UInt32(protocolNumber) << 24).bigEndian, bytes: 1)
    }

    /// Appends a port.
    package mutating func append(_ port: Port) {
        append(word: (UInt32(port.rawValue) << 16).bigEndian, bytes: 2)
    }

    /// Appends a number in the host's order.
    package mutating func append(number: UInt32) { append(word: number) }
}

// MARK: - Whole keys and data

extension PackedFields {
    /// An address alone.
    package init(_ address: IPAddress) {
        self.init()
        append(address)
    }

    /// A number alone.
    package init(number: UInt32) {
        self.init()
        append(number: number)
    }

    /// An address, a protocol and a port: a Service's tuple.
    package init(_ address: IPAddress, _ transport: TransportProtocol, _ port: Port) {
        self.init()
        append(address)
        append(transport)
        append(port)
    }

    /// A protocol and a port: a node port.
    package init(_ transport: TransportProtocol, _ port: Port) {
        self.init()
        append(transport)
        append(port)
    }

    /// An address and a port: where a flow is sent.
    package init(_ destination: TransportAddress) {
        self.init()
        append(destination.address)
        append(destination.port)
    }

    /// Two addresses: the ends of a flow.
    package init(_ first: IPAddress, _ second: IPAddress) {
        self.init()
        append(first)
        append(second)
    }

    /// The same fields, and a number after them.
    package func appending(number: UInt32) -> PackedFields {
        var longer = self
        longer.append(number: number)
        return longer
    }
}

// MARK: - Reading fields back

extension PackedFields {
    /// The address of a family that starts at a word.
    package func address(_ family: AddressFamily, at word: Int) -> IPAddress {
        guard family == .ipv6 else { return IPAddress(ipv4: self[word].bigEndian) }
        let bits = (0..<4).reduce(UInt128(0)) { $0 << 32 | UInt128(self[word + $1].bigEndian) }
        return IPAddress(family: .ipv6, bits: bits)
    }

    /// The port number at a word.
    package func portNumber(at word: Int) -> UInt16 { UInt16(truncatingIfNeeded: self[word].bigEndian >> 16) }

    /// The protocol number at a word.
    package func protocolNumber(at word: Int) -> UInt8 { UInt8(truncatingIfNeeded: self[word].bigEndian >> 24) }

    /// The fields as nft prints them, given their types.
    package func nftText(as types: [DataType]) -> String {
        var word = 0
        return types.map { type -> String in
            defer { word += type.words }
            guard word + type.words <= count else { return "?" }
            switch type {
            case .address(let family): return address(family, at: word).description
            case .transportProtocol:
                let number = protocolNumber(at: word)
                return TransportProtocol(rawValue: number)?.description ?? String(number)
            case .port: return String(portNumber(at: word))
            case .number: return String(self[word])
            case .interfaceName: return hexadecimal(self[word])
            }
        }.joined(separator: " . ")
    }
}

extension PackedFields {
    /// A range of keys as nft prints it: a field that is the same at both ends once, addresses as a prefix if they are
    /// one.
    package func nftText(upTo last: PackedFields, as types: [DataType]) -> String {
        var word = 0
        return types.map { type -> String in
            defer { word += type.words }
            let first = nftText(as: type, at: word)
            let end = last.nftText(as: type, at: word)
            if first == end { return first }
            if case .address(let family) = type {
                let low = address(family, at: word)
                let high = last.address(family, at: word)
                for length in 0..<family.addressBits {
                    let prefix = IPPrefix(holding: low, length: length)
                    if prefix.address == low, prefix.lastAddress == high { return "\(prefix)" }
                }
            }
            return "\(first)-\(end)"
        }.joined(separator: " . ")
    }

    private func nftText(as type: DataType, at word: Int) -> String {
        guard word + type.words <= count else { return "?" }
        var field = PackedFields()
        for index in word..<(word + type.words) { field.append(number: self[index]) }
        return field.nftText(as: [type])
    }

    /// Whether the fields lie between two others, both included, compared as bytes in memory.
    package func isBetween(_ first: PackedFields, _ last: PackedFields) -> Bool {
        precedes(last) && first.precedes(self)
    }

    private func precedes(_ other: PackedFields) -> Bool {
        for index in 0..<min(count, other.count) where storage[index] != other.storage[index] {
            return UInt32(bigEndian: storage[index]) < UInt32(bigEndian: other.storage[index])
        }
        return count <= other.count
    }
}

extension PackedFields: Hashable {
    package static func == (left: PackedFields, right: PackedFields) -> Bool {
        guard left.count == right.count else { return false }
        return (0..<left.count).allSatisfy { left.storage[$0] == right.storage[$0] }
    }

    package func hash(into hasher: inout Hasher) {
        for index in 0..<count { hasher.combine(storage[index]) }
    }
}

/// A number of 32 bits as nft prints marks: `0x0000002a`.
func hexadecimal(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
}
