package import NetworkAddress

/// The tuple that leads a new flow to a Service: what the packet says before it is translated.
package struct FrontEndKey: Hashable, Sendable, CustomStringConvertible {
    /// Which destination addresses the front end listens on.
    package enum Listener: Hashable, Sendable {
        /// One virtual address: a cluster IP, an external IP or a load balancer's.
        case address(IPAddress)
        /// Every address of this node that node ports are open on, in one family.
        case nodeAddresses(AddressFamily)
    }

    /// Which destination addresses the front end listens on.
    package let listener: Listener

    /// The transport protocol.
    package let transport: TransportProtocol

    /// The destination port.
    package let port: Port

    /// Creates the key of a front end.
    package init(listener: Listener, transport: TransportProtocol, port: Port) {
        self.listener = listener
        self.transport = transport
        self.port = port
    }

    /// The family of the packets that match.
    package var family: AddressFamily {
        switch listener {
        case .address(let address): address.family
        case .nodeAddresses(let family): family
        }
    }

    package var description: String {
        switch listener {
        case .address(let address): "\(TransportAddress(address, port))/\(transport)"
        case .nodeAddresses(let family): "node port \(port)/\(transport) (\(family))"
        }
    }
}

/// What a front end does with a new flow.
package enum FrontEndAction: Hashable, Sendable {
    /// Sends it to one of these, each as likely as any other. Never empty; no destination twice.
    case forward([Endpoint])
    /// Refuses it at once: nothing can answer. TCP gets a reset, all else an ICMP port unreachable.
    case refuse
    /// Drops it without an answer: another node could have answered (a `Local` traffic policy).
    case drop
}

/// Which flows leave with this node's address as their source.
package enum Masquerade: UInt8, Sendable {
    /// Those that come from outside the cluster's pods (cluster IPs).
    case offCluster
    /// All of them (node ports and external addresses).
    case always
    /// None: the endpoint sees the client's own address (node ports and external addresses under a `Local` policy).
    case never
}

/// One way into a Service port, with what happens to the flows that take it.
package struct FrontEnd: Hashable, Sendable {
    /// The tuple that leads here.
    package let key: FrontEndKey

    /// The name of the Service port; empty when the Service has one unnamed port.
    package let portName: String

    /// Which flows are masqueraded.
    package let masquerade: Masquerade

    /// What happens to a new flow.
    package let action: FrontEndAction

    /// What happens instead to a new flow of a pod of this node or of the node itself; nil for the same.
    ///
    /// External front ends under a `Local` policy lead such flows to the endpoints of the whole cluster, as a load
    /// balancer outside would not have to be asked for them. Those of pods keep their source, those of the node are
    /// masqueraded.
    package let shortCircuit: FrontEndAction?

    /// The sources that may use the front end, all others being dropped; nil for everybody, empty for nobody.
    package let sourceRanges: [IPPrefix]?

    /// How long a client returns to the endpoint that it was given, from its last new flow on; nil for not at all.
    package let affinitySeconds: UInt32?

    /// Creates a front end.
    package init(
        key: FrontEndKey,
        portName: String,
        masquerade: Masquerade,
        action: FrontEndAction,
        shortCircuit: FrontEndAction? = nil,
        sourceRanges: [IPPrefix]? = nil,
        affinitySeconds: UInt32? = nil
    ) {
        self.key = key
        self.portName = portName
        self.masquerade = masquerade
        self.action = action
        self.shortCircuit = shortCircuit
        self.sourceRanges = sourceRanges
        self.affinitySeconds = affinitySeconds
    }

    /// Everywhere that a new flow can be sent to, some of it twice.
    package var destinations: [TransportAddress] {
        [action, shortCircuit].flatMap { action -> [TransportAddress] in
            if case .forward(let endpoints) = action { endpoints.map(\.destination) } else { [] }
        }
    }
}
