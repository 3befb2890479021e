internal import NetworkAddress

/// `spec.loadBalancerSourceRanges`, where a Service gives any.
struct SourceRanges: Equatable, Sendable {
    /// The ranges that can be read, over both families.
    let ranges: [IPPrefix]

    /// Keeps the ranges of a Service, or returns nil when it gives none, which lets everybody in.
    ///
    /// A list of nothing but unreadable ranges still is a list.
    init?(_ ranges: [IPPrefix?]) {
        guard !ranges.isEmpty else { return nil }
        self.ranges = ranges.compactMap(\.self)
    }

    /// The sources that may use load balancer addresses of one family; nil for everybody, empty for nobody.
    ///
    /// A range over a whole family lets everybody of it in. When the node itself is let in, so are the addresses: a
    /// node that has one of them as its own talks to it from there (kube-proxy's `allowFromNode`). The result has no
    /// range within another, and is sorted.
    func sources(of addresses: [IPAddress], in family: AddressFamily, from node: [IPAddress]) -> [IPPrefix]? {
        var sources = ranges.filter { $0.family == family }
        if sources.contains(where: { $0.length == 0 }) { return nil }
        if admits(anyOf: node, in: family) {
            sources += addresses.lazy.filter { $0.family == family }
                .map { IPPrefix(holding: $0, length: family.addressBits) }
        }
        return Self.disjoint(sources)
    }

    /// Whether an address of a family is in a range.
    func admits(anyOf addresses: [IPAddress], in family: AddressFamily) -> Bool {
        addresses.contains { address in
            address.family == family && ranges.contains { $0.contains(address) }
        }
    }

    private static func disjoint(_ ranges: [IPPrefix]) -> [IPPrefix] {
        let sorted = ranges.sorted { ($0.address.bits, $0.length) < ($1.address.bits, $1.length) }
        return sorted.reduce(into: []) { kept, range in
            // A wider range comes before those within it, and ranges either nest or are apart.
            if kept.last?.contains(range.address) != true { kept.append(range) }
        }
    }
}
