/// An IPv4 or IPv6 address.
///
/// An IPv4 address and its IPv4-mapped IPv6 form are different values: the kernel sees different packets.
package struct IPAddress: Hashable, Sendable {
    // Two halves in place of one number, which would make every value start at a multiple of 16 bytes; and they come
    // first: an address with a port then fills 24 bytes in place of 48.
    private let high: UInt64
    private let low: UInt64

    /// The family that the address belongs to.
    package let family: AddressFamily

    /// Creates an address from its number.
    ///
    /// - Precondition: An IPv4 address fits 32 bits.
    package init(family: AddressFamily, bits: UInt128) {
        precondition(family == .ipv6 || bits <= UInt128(UInt32.max), "an IPv4 address has 32 bits")
        self.family = family
        high = UInt64(truncatingIfNeeded: bits >> 64)
        low = UInt64(truncatingIfNeeded: bits)
    }

    /// The address as a number; an IPv4 address occupies the low 32 bits.
    package var bits: UInt128 { UInt128(high) << 64 | UInt128(low) }

    /// Creates an IPv4 address from its four octets, first octet first.
    package init(_ first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8) {
        let number = UInt32(first) << 24 | UInt32(second) << 16 | UInt32(third) << 8 | UInt32(fourth)
        self.init(family: .ipv4, bits: UInt128(number))
    }

    /// Creates an IPv4 address from its number, most significant octet first.
    package init(ipv4 number: UInt32) { self.init(family: .ipv4, bits: UInt128(number)) }

    /// The address as a 32-bit number, or its low 32 bits when it is an IPv6 address.
    package var ipv4Number: UInt32 { UInt32(truncatingIfNeeded: bits) }

    /// The octets in network order: four of them or sixteen.
    package var octets: [UInt8] {
        let count = family.addressBits / 8
        return (0..<count).map { UInt8(truncatingIfNeeded: bits >> UInt128((count - 1 - $0) * 8)) }
    }

    /// Creates an address from octets in network order, or returns nil unless there are four or sixteen.
    package init?(octets: some Collection<UInt8>) {
        guard octets.count == 4 || octets.count == 16 else { return nil }
        let number = octets.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        self.init(family: octets.count == 4 ? .ipv4 : .ipv6, bits: number)
    }
}

// MARK: - What kind of address it is

extension IPAddress {
    /// Whether this is 0.0.0.0 or ::.
    package var isUnspecified: Bool { bits == 0 }

    /// Whether this is in 127.0.0.0/8 or is ::1.
    package var isLoopback: Bool { family == .ipv4 ? bits >> 24 == 127 : bits == 1 }

    /// Whether this is in 224.0.0.0/4 or ff00::/8.
    package var isMulticast: Bool { family == .ipv4 ? bits >> 28 == 0xe : bits >> 120 == 0xff }

    /// Whether this is in 169.254.0.0/16 or fe80::/10.
    package var isLinkLocal: Bool { family == .ipv4 ? bits >> 16 == 0xa9fe : bits >> 118 == 0x3fa }

    /// Whether this is in ::ffff:0:0/96, where programs keep IPv4 addresses as IPv6 ones.
    package var isIPv4Mapped: Bool { family == .ipv6 && bits >> 32 == 0xffff }

    /// Whether this is 255.255.255.255.
    package var isLimitedBroadcast: Bool { family == .ipv4 && bits == UInt128(UInt32.max) }
}

extension IPAddress: Comparable {
    /// Orders IPv4 before IPv6, then by number.
    package static func < (left: IPAddress, right: IPAddress) -> Bool {
        left.family == right.family ? left.bits < right.bits : left.family < right.family
    }
}
