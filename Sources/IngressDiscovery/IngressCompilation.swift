package import Routing
package import TLS

/// What the workers and the operator get to know after some changes.
package struct IngressCompilation: Sendable {
    /// The new table; nil when routes and backends stay as they were.
    package var table: RoutingTable?
    /// The new certificates; nil when they stay as they were.
    package var certificates: CertificateTable?
    /// The problems that appeared, in order.
    package var appeared: [IngressProblem] = []
    /// The problems that went, in order.
    package var cleared: [IngressProblem] = []
    /// The names whose addresses are wanted from DNS from now on, all of them; nil when they stay as they were.
    package var externalNames: Set<String>?
    /// The Ingresses that are others than at the last call, or are read otherwise.
    package var ingresses: Set<NamespacedName> = []
    /// What the compilation had to look at.
    package var work = Work()

    /// How much was compiled; the cost of a change.
    package struct Work: Hashable, Sendable {
        /// The Ingresses whose annotations were read.
        package var ingresses = 0
        /// The hosts whose paths were compiled, that of all other names among them.
        package var hosts = 0
        /// The backends whose endpoints were selected.
        package var backends = 0
        /// The hosts whose certificates were chosen.
        package var certificates = 0

        /// No work.
        package init() {}
    }

    /// Creates a compilation that changes nothing.
    package init() {}
}
