package import NetworkAddress
package import Nftables

/// What became of a packet.
package enum PacketVerdict: Hashable, Sendable, CustomStringConvertible {
    /// It went on to this destination, with a source of this node's in place of its own when masqueraded.
    case delivered(to: TransportAddress, masqueraded: Bool)
    /// Its sender was told so at this hook.
    case refused(Rejection, at: Hook)
    /// It vanished at this hook.
    case dropped(at: Hook)

    package var description: String {
        switch self {
        case .delivered(let destination, false): "delivered to \(destination)"
        case .delivered(let destination, true): "delivered to \(destination), masqueraded"
        case .refused(.tcpReset, let hook): "refused with a TCP reset at \(hook.name)"
        case .refused(.portUnreachable, let hook): "refused as port unreachable at \(hook.name)"
        case .dropped(let hook): "dropped at \(hook.name)"
        }
    }
}

/// An element that a rule put into a dynamic map, or took out of it.
package struct RememberedElement: Hashable, Sendable {
    /// The name of the map.
    package let map: String

    /// The element; without a value when it was taken out.
    package let element: Element

    /// How long it lasts; 0 when it was taken out.
    package let seconds: UInt32
}

/// What became of a packet, and how.
package struct PacketOutcome: Sendable, CustomStringConvertible {
    /// What became of it.
    package let verdict: PacketVerdict

    /// The mark that it carried in the end.
    package let mark: UInt32

    /// What rules put into dynamic maps; the ruleset itself is left as it was.
    package let remembered: [RememberedElement]

    /// What rules took out of dynamic maps; the ruleset itself is left as it was.
    package let forgotten: [RememberedElement]

    /// The base chains and rules that it went through, one line each, with what they did.
    package let steps: [String]

    package var description: String { ([verdict.description] + steps).joined(separator: "\n") }
}
