/// An address and a port: where a flow is sent.
package struct TransportAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The address.
    package let address: IPAddress

    /// The port at the address.
    package let port: Port

    /// Creates the pair of an address and a port.
    package init(_ address: IPAddress, _ port: Port) {
        self.address = address
        self.port = port
    }

    /// Creates a pair from `10.0.0.1:80` or `[fd00::1]:80`, or returns nil.
    package init?(parsing text: some StringProtocol) {
        guard let colon = text.lastIndex(of: ":"), let port = Port(parsing: text[text.index(after: colon)...])
        else { return nil }
        let host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            guard let address = IPAddress(parsing: host.dropFirst().dropLast()), address.family == .ipv6
            else { return nil }
            self.init(address, port)
        } else {
            guard let address = IPAddress(parsing: host), address.family == .ipv4 else { return nil }
            self.init(address, port)
        }
    }

    package var description: String {
        address.family == .ipv4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }

    package static func < (left: TransportAddress, right: TransportAddress) -> Bool {
        left.address == right.address ? left.port < right.port : left.address < right.address
    }
}
