/// A range of addresses that share their leading bits, such as 10.0.0.0/8.
package struct IPPrefix: Hashable, Sendable, CustomStringConvertible {
    /// The first address of the range: bits past the prefix are zero.
    package let address: IPAddress

    /// The number of leading bits that every address of the range shares.
    package let length: Int

    /// Creates the range of the given length that holds an address.
    ///
    /// - Precondition: `length` is between 0 and the bits of the family.
    package init(holding address: IPAddress, length: Int) {
        precondition((0...address.family.addressBits).contains(length), "prefix length out of range")
        self.address = IPAddress(
            family: address.family,
            bits: address.bits & Self.mask(family: address.family, length: length)
        )
        self.length = length
    }

    /// Creates a range from text such as `10.0.0.0/8` or `fd00::/8`, or returns nil.
    ///
    /// Bits past the prefix are ignored, as Go's `ParseCIDR` does: `10.1.2.3/8` is 10.0.0.0/8.
    package init?(parsing text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPAddress(parsing: parts[0]),
            (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
            let length = Int(parts[1]), length <= address.family.addressBits,
            parts[1].utf8.count == 1 || parts[1].first != "0"
        else { return nil }
        self.init(holding: address, length: length)
    }

    /// The family of the range's addresses.
    package var family: AddressFamily { address.family }

    /// The last address of the range: all bits past the prefix are set.
    package var lastAddress: IPAddress {
        let all: UInt128 = family == .ipv4 ? UInt128(UInt32.max) : .max
        return IPAddress(family: family, bits: address.bits | (all & ~mask))
    }

    /// Whether an address lies in the range; one of the other family never does.
    package func contains(_ other: IPAddress) -> Bool {
        other.family == family && other.bits & mask == address.bits
    }

    /// The network mask as a number of the family's width.
    package var mask: UInt128 { Self.mask(family: family, length: length) }

    package var description: String { "\(address)/\(length)" }

    private static func mask(family: AddressFamily, length: Int) -> UInt128 {
        let all: UInt128 = family == .ipv4 ? UInt128(UInt32.max) : .max
        return length == 0 ? 0 : all & ~((UInt128(1) << UInt128(family.addressBits - length)) - 1)
    }
}
