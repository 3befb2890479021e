/// Everything that workers need to know to lead requests: immutable, shared, and replaced as a whole.
///
/// A change makes a new table that shares all that did not change, so that it costs only the change.
package final class RoutingTable: Sendable {
    /// What holds for all routes.
    package let settings: ProxySettings

    /// The host of requests whose name no other has.
    package let catchAll: VirtualHost

    // Hosts by name, and those with a wildcard by what follows the `*.`.
    private let exact: HostTable
    private let wildcards: HostTable
    private let backends: BackendTable

    private init(
        settings: ProxySettings,
        catchAll: VirtualHost,
        exact: HostTable,
        wildcards: HostTable,
        backends: BackendTable
    ) {
        self.settings = settings
        self.catchAll = catchAll
        self.exact = exact
        self.wildcards = wildcards
        self.backends = backends
    }

    /// A table without hosts and backends.
    ///
    /// - Parameters:
    ///   - settings: What holds for all routes.
    ///   - fallback: What becomes of every request.
    /// - Returns: The table.
    package static func empty(settings: ProxySettings = ProxySettings(), fallback: Route) -> RoutingTable {
        RoutingTable(
            settings: settings,
            catchAll: VirtualHost.compile(name: "_", fallback: fallback, rules: []).host,
            exact: HostTable(),
            wildcards: HostTable(),
            backends: BackendTable()
        )
    }

    /// The host of a request; allocates nothing.
    ///
    /// The host of exactly that name goes before a wildcard that stands for its first label, and both before all others.
    ///
    /// - Parameter name: The name in lower case, without port and dot at its end; empty for none.
    /// - Returns: The host, which owns the request even if it has no path for it.
    package func host(_ name: borrowing Span<UInt8>) -> VirtualHost {
        var firstDot = 0
        while firstDot < name.count, name[firstDot] != Self.dot { firstDot += 1 }
        var hash = HostTable.seed
        var index = name.count - 1
        while index > firstDot {
            hash = HostTable.hash(hash, name[index])
            index -= 1
        }
        let suffixHash = hash
        while index >= 0 {
            hash = HostTable.hash(hash, name[index])
            index -= 1
        }
        if let host = exact.host(in: name, from: 0, hash: hash) { return host }
        guard wildcards.count > 0, firstDot > 0, firstDot + 1 < name.count else { return catchAll }
        return wildcards.host(in: name, from: firstDot + 1, hash: suffixHash) ?? catchAll
    }

    /// The backend of a number, or nil if there is none any more.
    package func backend(_ id: Backend.ID) -> Backend? { backends[id] }

    /// All backends, by number.
    package var allBackends: [Backend] { backends.all }

    /// The number of hosts, without the one for all others.
    package var hostCount: Int { exact.count + wildcards.count }

    /// All hosts by name, with `*.` where a wildcard stands and without the one for all others; in the names' order.
    package var hosts: [(name: String, host: VirtualHost)] {
        let named = exact.all.map { (name: String(decoding: $0.name, as: UTF8.self), host: $0.host) }
        let wild = wildcards.all.map { (name: "*." + String(decoding: $0.name, as: UTF8.self), host: $0.host) }
        return (named + wild).sorted { $0.name < $1.name }
    }

    /// A table with some changes, which shares all else with this one.
    ///
    /// - Parameters:
    ///   - hosts: Hosts by name, in lower case, with `*.` in front for any first label; nil removes one.
    ///   - catchAll: The host of requests whose name no other has; nil for the present one.
    ///   - backends: Backends by number; nil removes one.
    ///   - settings: What holds for all routes; nil for the present settings.
    /// - Returns: The new table; this one stays as it is.
    package func replacing(
        hosts: [String: VirtualHost?] = [:],
        catchAll: VirtualHost? = nil,
        backends: [(Backend.ID, Backend?)] = [],
        settings: ProxySettings? = nil
    ) -> RoutingTable {
        var (exact, wildcards, numbered) = (exact, wildcards, self.backends)
        for (name, host) in hosts {
            if name.utf8.starts(with: "*.".utf8) {
                wildcards.set(Array(name.utf8.dropFirst(2)), to: host)
            } else {
                exact.set(Array(name.utf8), to: host)
            }
        }
        for (id, backend) in backends { numbered[id] = backend }
        return RoutingTable(
            settings: settings ?? self.settings,
            catchAll: catchAll ?? self.catchAll,
            exact: exact,
            wildcards: wildcards,
            backends: numbered
        )
    }

    private static let dot = UInt8(ascii: ".")
}
