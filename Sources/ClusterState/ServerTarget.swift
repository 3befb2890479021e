internal import NetworkAddress
internal import TLS

/// Where a connection goes, and how the other end proves who it is.
struct ServerTarget {
    let address: TransportAddress
    /// Nil for a connection in the clear.
    let security: ClientSecurity?

    /// Whether a connection to the one is as good as one to the other.
    func leadsToSame(as other: ServerTarget) -> Bool { address == other.address && security === other.security }
}

/// What TLS sessions to the server share.
final class ClientSecurity {
    private let context: TLSClientContext
    private let peer: PeerName

    /// Creates what sessions share; `host` is what the server's certificate must cover.
    init(context: TLSClientContext, host: String) {
        self.context = context
        peer = PeerName(host)
    }

    /// Creates the client's side of a session.
    func makeSession() -> TLSSession { TLSSession(connecting: context, to: peer) }
}
