package import NetworkAddress

/// A packet as a rule sees it, and what the kernel knows of its connection.
package struct Packet: Hashable, Sendable {
    /// What the kernel knows of the packet's connection.
    package enum Connection: Hashable, Sendable {
        /// Nothing: it is the first packet.
        case new
        /// It has seen others, and sends the packet where it sent those; nil when that is where it is addressed to.
        case established(translatedTo: TransportAddress? = nil)
    }

    /// The way that a packet takes through the host's hooks.
    package enum Path: Hashable, Sendable {
        /// It came in on an interface: prerouting, then input when its destination is an address of the node, else
        /// forward and postrouting.
        case received
        /// A program of the node sent it: output and postrouting, then back in through prerouting and input when its
        /// destination is an address of the node.
        case locallyGenerated
    }

    /// The source address.
    package var source: IPAddress

    /// Where the packet is addressed to; for an echo request, its checksum stands where others have their port.
    package var destination: TransportAddress

    /// The transport protocol, or nil for an ICMP echo request.
    package var transport: TransportProtocol?

    /// The mark that it carries already.
    package var mark: UInt32

    /// What the kernel knows of its connection.
    package var connection: Connection

    /// The name of the interface that it came in on; empty for one that the node sends.
    package var inputInterface: String

    /// Describes a packet.
    ///
    /// - Precondition: Both addresses are of one family.
    package init(
        from source: IPAddress,
        to destination: TransportAddress,
        transport: TransportProtocol = .tcp,
        mark: UInt32 = 0,
        connection: Connection = .new,
        inputInterface: String = ""
    ) {
        precondition(source.family == destination.address.family, "a packet has addresses of one family")
        self.source = source
        self.destination = destination
        self.transport = transport
        self.mark = mark
        self.connection = connection
        self.inputInterface = inputInterface
    }

    /// Describes an ICMP echo request, as `ping` sends it.
    ///
    /// - Precondition: Both addresses are of one family.
    /// - Parameters:
    ///   - source: The source address.
    ///   - destination: The address that is to answer.
    ///   - checksum: What rules read where other packets have their destination port.
    package init(echoRequestFrom source: IPAddress, to destination: IPAddress, checksum: Port) {
        self.init(from: source, to: TransportAddress(destination, checksum))
        transport = nil
    }

    /// The number of the protocol in the header of the packet.
    var protocolNumber: UInt8 { transport?.rawValue ?? (source.family == .ipv4 ? 1 : 58) }
}
