/// Where an API server is and how to be let in.
package struct ClusterAccess: Hashable, Sendable {
    /// Bytes that are at hand, or in a file that may change.
    package enum Material: Hashable, Sendable {
        case bytes([UInt8])
        case file(String)
    }

    /// A certificate to show to the server, with its key, both in PEM.
    package struct ClientCertificate: Hashable, Sendable {
        /// The certificate, and those between it and its root.
        package var certificate: Material
        /// The private key.
        package var key: Material

        /// Creates a pair.
        package init(certificate: Material, key: Material) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// What is shown with each request.
    package enum Credential: Hashable, Sendable {
        /// Nothing; a client certificate may do.
        case none
        /// A bearer token.
        case token(String)
        /// A bearer token in a file that is read again when it changes.
        case tokenFile(String)
        /// A name and a password.
        case password(user: String, password: String)
        /// A program that prints a token or a certificate.
        case exec(ExecPlugin)
    }

    /// The server.
    package var server: ServerAddress
    /// The certificates that the server's must come from, in PEM; nil for those of the system.
    package var authorities: Material?
    /// The name in the server's certificate; nil for the host in its address.
    package var serverName: String?
    /// Whether the server's certificate is not looked at, because the operator said so.
    package var skipsVerification = false
    /// A certificate to show to the server.
    package var clientCertificate: ClientCertificate?
    /// What is shown with each request.
    package var credential = Credential.none
    /// The namespace of the context, or of the pod.
    package var namespace: String?

    /// Creates the access to a server that asks for nothing.
    package init(server: ServerAddress) { self.server = server }
}

/// The address of a server, as in `https://10.96.0.1:6443/cluster`.
package struct ServerAddress: Hashable, Sendable, CustomStringConvertible {
    /// Whether the connection is encrypted.
    package var isSecure: Bool
    /// A name or an IP address, without brackets.
    package var host: String
    /// The port.
    package var port: UInt16
    /// What stands before each path; empty, or with a slash in front and none behind.
    package var basePath: String

    /// Creates an address.
    package init(isSecure: Bool = true, host: String, port: UInt16 = 443, basePath: String = "") {
        self.isSecure = isSecure
        self.host = host
        self.port = port
        self.basePath = basePath
    }

    /// Reads a URL; nil when it is none of `http` or `https`, or holds a query, a fragment or a password.
    package init?(parsing text: String) {
        var rest = Substring(text)
        if rest.lowercased().hasPrefix("https://") {
            isSecure = true
            rest = rest.dropFirst(8)
        } else if rest.lowercased().hasPrefix("http://") {
            isSecure = false
            rest = rest.dropFirst(7)
        } else if rest.contains("://") {
            return nil
        } else {
            // kubectl takes a host without a scheme for a plain one.
            isSecure = false
        }
        guard rest.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), !rest.contains(where: { "?#@".contains($0) }) else {
            return nil
        }
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var path = rest[slash...]
        while path.hasSuffix("/") { path.removeLast() }
        basePath = String(path)
        var authority = rest[..<slash]
        port = isSecure ? 443 : 80
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            guard let number = UInt16(authority[authority.index(after: colon)...]), number != 0 else { return nil }
            port = number
            authority = authority[..<colon]
        }
        if authority.hasPrefix("["), authority.hasSuffix("]") { authority = authority.dropFirst().dropLast() }
        guard !authority.isEmpty else { return nil }
        host = String(authority)
    }

    /// The host and port as the header `Host` names them.
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// The address as a URL.
    package var description: String { (isSecure ? "https://" : "http://") + authority + basePath }
}
