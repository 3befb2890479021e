package import LinuxSystem
package import NetworkAddress

/// Why a status server does not serve.
package enum StatusServerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The address and port cannot be listened on; no port means any port.
    case cannotListen(IPAddress, Port?, Errno)
    /// The system gives no thread, or nothing to wake it with.
    case cannotStart(Errno)

    /// Whether this machine has no such address family, so that trying again is of no use.
    package var isMissingFamily: Bool {
        switch self {
        case .cannotListen(let address, _, let reason):
            reason == .familyNotSupported || (address.isUnspecified && reason == .addressNotAvailable)
        case .cannotStart: false
        }
    }

    package var description: String {
        switch self {
        case .cannotListen(let address, let port, let reason):
            let place = port.map { "\(TransportAddress(address, $0))" } ?? "\(address)"
            let advice =
                switch reason {
                case .addressInUse: "; another program has it: see 'ss -lntp'"
                case .accessDenied: "; ports below 1024 need CAP_NET_BIND_SERVICE"
                case .addressNotAvailable: "; no interface of this node has the address"
                default: ""
                }
            return "cannot listen on \(place): \(reason)\(advice)"
        case .cannotStart(let reason):
            return "cannot start the thread of the status server: \(reason)"
        }
    }
}
