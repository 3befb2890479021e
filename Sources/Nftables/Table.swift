package import NetworkAddress

/// The packets that a table sees (`NFPROTO_IPV4` and `NFPROTO_IPV6`).
package enum TableFamily: String, CaseIterable, Hashable, Sendable {
    case ip
    case ip6

    /// The family that sees packets with addresses of the given family.
    package init(_ family: AddressFamily) { self = family == .ipv4 ? .ip : .ip6 }

    /// The family of the addresses in the packets.
    package var addressFamily: AddressFamily { self == .ip ? .ipv4 : .ipv6 }
}

/// The family and name of a table, which together are unique in a network namespace.
package struct Table: Hashable, Sendable, CustomStringConvertible {
    /// The packets that the table sees.
    package let family: TableFamily

    /// The name.
    package let name: String

    /// Names a table.
    package init(_ family: TableFamily, _ name: String) {
        self.family = family
        self.name = name
    }

    /// `ip fairlead`, as nft writes it.
    package var description: String { "\(family.rawValue) \(name)" }
}
