package import NetworkAddress
internal import Nftables

/// A row of a packet-flow table: a packet, and all that may become of it.
package struct PacketFlow: Sendable, CustomStringConvertible {
    /// The name of the row.
    package let name: String

    /// The packet.
    package let packet: Packet

    /// Its way through the node.
    package let path: Packet.Path

    /// Everything that can become of it, over all random numbers.
    package let expected: Set<PacketVerdict>

    /// Describes a flow, with addresses as `10.0.0.1` and `10.96.0.1:80`, or `fd00::1` and `[fd00::1]:80`.
    ///
    /// - Precondition: The texts are addresses of one family.
    package init(
        _ name: String,
        from source: String,
        to destination: String,
        _ transport: TransportProtocol = .tcp,
        _ path: Packet.Path = .received,
        connection: Packet.Connection = .new,
        expected: Set<PacketVerdict>
    ) {
        guard let source = IPAddress(parsing: source) else { preconditionFailure("no address: \(source)") }
        self.name = name
        self.path = path
        self.expected = expected
        packet = Packet(
            from: source,
            to: .init(literal: destination),
            transport: transport,
            connection: connection
        )
    }

    package var description: String { name }
}

extension PacketVerdict {
    /// It went on to the destination that the text names, such as `10.96.0.1:80` or `[fd00::1]:80`.
    ///
    /// - Precondition: The text is an address and a port.
    package static func delivered(_ destination: String, masqueraded: Bool = false) -> PacketVerdict {
        .delivered(to: TransportAddress(literal: destination), masqueraded: masqueraded)
    }
}

extension PacketTracer {
    /// Returns what differs from the row, with the steps of one packet, or nil when nothing does.
    package func mismatch(_ flow: PacketFlow) -> String? {
        let outcomes = Set(outcomes(of: flow.packet, flow.path).keys)
        guard outcomes != flow.expected else { return nil }
        func list(_ verdicts: Set<PacketVerdict>) -> String {
            verdicts.map(\.description).sorted().joined(separator: "; ")
        }
        return """
            \(flow.name): expected \(list(flow.expected)), but it is \(list(outcomes))
            \(trace(flow.packet, flow.path))
            """
    }
}

extension TransportAddress {
    fileprivate init(literal text: String) {
        guard let address = TransportAddress(parsing: text) else {
            preconditionFailure("no address with a port: \(text)")
        }
        self = address
    }
}
