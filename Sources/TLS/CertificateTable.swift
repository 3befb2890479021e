/// Which certificates are presented for which host name.
///
/// A table does not change. A changed one shares what stayed with the one that it was made from, so that one changed
/// host among many thousands costs as much as one among few. Workers adopt the new table for their next handshakes.
package final class CertificateTable: Sendable {
    /// What is presented to clients that ask for a host, and demanded of them.
    package final class Host: Sendable {
        /// The certificates, at most one for each type of key; the client's abilities decide between them.
        package let certificates: [TLSCertificate]

        /// What is demanded of clients, or nil for nothing.
        package let clientAuthentication: ClientAuthentication?

        /// Creates what is presented and demanded for one name or for several.
        package init(certificates: [TLSCertificate], clientAuthentication: ClientAuthentication? = nil) {
            self.certificates = certificates
            self.clientAuthentication = clientAuthentication
        }
    }

    /// One step from a table to the next.
    package enum Change: Sendable {
        /// A host is presented as said, whether it was known before or not.
        case set(String, Host)
        /// A host is known no more.
        case remove(String)
    }

    /// What is presented to clients that name no host, or one that is not known.
    package let fallback: Host

    /// Whether clients that name an unknown host are turned away with an alert.
    package let rejectsUnknownNames: Bool

    private let hosts: HostMap

    /// Creates a table that knows no host.
    package convenience init(fallback: Host, rejectsUnknownNames: Bool = false) {
        self.init(fallback: fallback, rejectsUnknownNames: rejectsUnknownNames, hosts: HostMap())
    }

    private init(fallback: Host, rejectsUnknownNames: Bool, hosts: HostMap) {
        self.fallback = fallback
        self.rejectsUnknownNames = rejectsUnknownNames
        self.hosts = hosts
    }

    /// The number of host names that are known.
    package var count: Int { hosts.count }

    /// The table after some changes; the cost is that of the changes.
    ///
    /// - Parameter changes: Names in any case, `*.rest` for any one label before the rest.
    /// - Returns: The changed table.
    package func applying(_ changes: some Sequence<Change>) -> CertificateTable {
        var hosts = hosts
        for change in changes {
            switch change {
            case .set(let name, let host): hosts.set(HostMap.key(for: name), host)
            case .remove(let name): hosts.set(HostMap.key(for: name), nil)
            }
        }
        return CertificateTable(fallback: fallback, rejectsUnknownNames: rejectsUnknownNames, hosts: hosts)
    }

    /// The table with another answer to unknown names.
    package func answeringUnknownNames(with fallback: Host, rejecting: Bool) -> CertificateTable {
        CertificateTable(fallback: fallback, rejectsUnknownNames: rejecting, hosts: hosts)
    }

    /// Finds what is presented for a name: exactly that name first, then with a wildcard for its first label.
    ///
    /// - Parameter name: The name in lower case without a final dot; see `ServerName`.
    /// - Returns: What is presented, or nil for a name that is not known.
    package func host(for name: borrowing Span<UInt8>) -> Host? {
        if let host = hosts.host(for: name) { return host }
        // A wildcard is kept as what follows its star.
        for index in name.indices where name[index] == UInt8(ascii: ".") {
            return index == 0 ? nil : hosts.host(for: name.extracting(index..<name.count))
        }
        return nil
    }
}
