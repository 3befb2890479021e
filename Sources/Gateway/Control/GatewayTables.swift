package import Routing
package import TLS

/// What workers serve by: routes and certificates, immutable, handed over as a whole.
package final class GatewayTables: Sendable {
    /// Hosts, paths and backends.
    package let routing: RoutingTable
    /// The certificates of hosts.
    package let certificates: CertificateTable
    /// Counts up with each change, for people and metrics.
    package let generation: UInt64

    /// Puts tables together.
    package init(routing: RoutingTable, certificates: CertificateTable, generation: UInt64) {
        self.routing = routing
        self.certificates = certificates
        self.generation = generation
    }
}
