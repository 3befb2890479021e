/// The transport protocols that a Service port can have, with their IANA numbers.
package enum TransportProtocol: UInt8, CaseIterable, Comparable, Sendable, CustomStringConvertible {
    case tcp = 6
    case udp = 17
    case sctp = 132

    /// The name as Kubernetes spells it: `TCP`, `UDP` or `SCTP`.
    package var kubernetesName: String { description.uppercased() }

    /// Creates a protocol from Kubernetes' name; case matters there, as it does here.
    package init?(kubernetesName: some StringProtocol) {
        switch kubernetesName {
        case "TCP": self = .tcp
        case "UDP": self = .udp
        case "SCTP": self = .sctp
        default: return nil
        }
    }

    /// The name as nft prints it: `tcp`, `udp` or `sctp`.
    package var description: String {
        switch self {
        case .tcp: "tcp"
        case .udp: "udp"
        case .sctp: "sctp"
        }
    }

    package static func < (left: TransportProtocol, right: TransportProtocol) -> Bool {
        left.rawValue < right.rawValue
    }
}
