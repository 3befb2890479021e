/// The two internet protocol families that a Service address can belong to.
package enum AddressFamily: UInt8, CaseIterable, Comparable, Sendable, CustomStringConvertible {
    case ipv4 = 4
    case ipv6 = 6

    /// The number of bits in an address of this family.
    package var addressBits: Int { self == .ipv4 ? 32 : 128 }

    /// The name as Kubernetes spells it in `ipFamilies`: `IPv4` or `IPv6`.
    package var description: String { self == .ipv4 ? "IPv4" : "IPv6" }

    package static func < (left: AddressFamily, right: AddressFamily) -> Bool { left.rawValue < right.rawValue }
}
