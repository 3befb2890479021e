package import NetworkAddress

/// Whom a client means to reach, which the server's certificate must cover.
package enum PeerName: Hashable, Sendable {
    /// A host name; it is also what the server is asked for.
    case host(String)
    /// An address; servers cannot be asked for one.
    case address(IPAddress)
    /// Nobody in particular: any certificate of a trusted authority will do.
    case anyone

    /// Reads a host name or an address.
    package init(_ text: String) {
        if let address = IPAddress(parsing: text) { self = .address(address) } else { self = .host(text) }
    }
}
