internal import NetworkAddress

/// The layout of kube-proxy's nftables mode, for `nft -f -`.
///
/// One verdict map leads from a cluster IP, protocol and port to a chain of the Service. What that chain holds changed
/// with Kubernetes 1.36; both are here. A change of endpoints rewrites the chain of the Service; it touches no map.
struct KubeProxyNftLayout: RulesetLayout {
    /// What the chain of a Service holds.
    enum Form {
        /// One rule, which picks an endpoint from an anonymous map and leads there (Kubernetes 1.36).
        case endpointMap
        /// One rule, which picks the chain of an endpoint from an anonymous verdict map (1.33 to 1.35).
        case endpointChains
    }

    static let table = "kube-proxy"
    static let serviceMap = "service-ips"
    static let serviceChainPrefix = "service-"

    let form: Form
    private(set) var state: ClusterState
    /// Chains that nothing leads to any more: kube-proxy empties them at once, and deletes them a second later.
    private var stale: Set<String> = []

    init(_ cluster: SyntheticCluster, form: Form) {
        state = ClusterState(cluster)
        self.form = form
    }

    private var cluster: SyntheticCluster { state.cluster }
    private var isIPv4: Bool { cluster.family == .ipv4 }
    /// The family and the name of the table, which every command needs.
    private var home: String { (isIPv4 ? "ip " : "ip6 ") + Self.table }

    // MARK: - Everything

    mutating func everything(isRestart: Bool) -> String {
        var text = Text(home: home)
        writeSkeleton(to: &text, isRestart: isRestart)
        for service in state.services {
            write(service, state.endpoints[service] ?? [], old: [], to: &text)
            // A restart reads the sets and finds these there.
            if !isRestart { addElements(of: service, to: &text) }
        }
        return text.result
    }

    private static let baseChains = [
        ("filter-prerouting-pre-dnat", "filter hook prerouting priority -110"),
        ("filter-output-pre-dnat", "filter hook output priority -110"),
        ("filter-input", "filter hook input priority 0"), ("filter-forward", "filter hook forward priority 0"),
        ("filter-output", "filter hook output priority 0"), ("nat-prerouting", "nat hook prerouting priority -100"),
        ("nat-output", "nat hook output priority -100"), ("nat-postrouting", "nat hook postrouting priority 100"),
    ]

    private static let regularChains = [
        "nodeport-endpoints-check", "service-endpoints-check", "firewall-check", "services", "masquerading",
        "cluster-ips-check", "reject-chain",
    ]

    /// Writes what does not depend on the Services.
    private func writeSkeleton(to text: inout Text, isRestart: Bool) {
        let ip = isIPv4 ? "ip" : "ip6"
        let address = isIPv4 ? "ipv4_addr" : "ipv6_addr"
        let frontEnd = "\(address) . inet_proto . inet_service"
        text.add("add table \(home) { comment \"rules for kube-proxy\" ; }")
        if isRestart {
            // The first transaction of a process makes base chains anew, for the case that their hooks changed.
            for (name, _) in Self.baseChains {
                text.add("chain", name)
                text.delete("chain", name)
            }
        }
        for (name, hook) in Self.baseChains {
            text.add("chain", name, "{ type \(hook) ; }")
            text.flush(name)
        }
        for name in Self.regularChains {
            text.add("chain", name)
            text.flush(name)
        }
        text.add("set", "hairpin-connections", "{ type \(address) . \(address) . inet_proto . inet_service ; }")
        text.add("set", "cluster-ips", "{ type \(address) ; comment \"Active ClusterIPs\" ; }")
        text.add("set", "nodeport-ips", "{ type \(address) ; }")
        for name in ["firewall-ips", "no-endpoint-services", Self.serviceMap] {
            text.add("map", name, "{ type \(frontEnd) : verdict ; }")
        }
        for name in ["no-endpoint-nodeports", "service-nodeports"] {
            text.add("map", name, "{ type inet_proto . inet_service : verdict ; }")
        }
        for (chain, rule) in [
            ("filter-input", "ct state new jump nodeport-endpoints-check"),
            ("filter-input", "ct state new jump service-endpoints-check"),
            ("filter-forward", "ct state new jump service-endpoints-check"),
            ("filter-output", "ct state new jump service-endpoints-check"),
            ("filter-prerouting-pre-dnat", "ct state new jump firewall-check"),
            ("filter-output-pre-dnat", "ct state new jump firewall-check"), ("nat-output", "jump services"),
            ("nat-prerouting", "jump services"), ("nat-postrouting", "jump masquerading"),
            ("filter-forward", "ct state new jump cluster-ips-check"),
            ("filter-output", "ct state new jump cluster-ips-check"), ("reject-chain", "reject"),
            ("cluster-ips-check", "\(ip) daddr @cluster-ips reject"),
            ("cluster-ips-check", "\(ip) daddr { \(cluster.serviceRange) } drop"),
            ("service-endpoints-check", "\(ip) daddr . meta l4proto . th dport vmap @no-endpoint-services"),
            (
                "nodeport-endpoints-check",
                "\(ip) daddr @nodeport-ips meta l4proto . th dport vmap @no-endpoint-nodeports"
            ), ("firewall-check", "\(ip) daddr . meta l4proto . th dport vmap @firewall-ips"),
            ("masquerading", "mark and 0x4000 != 0 mark set mark xor 0x4000 masquerade fully-random"),
            (
                "masquerading",
                "ct status dnat \(ip) saddr . \(ip) daddr . meta l4proto . th dport @hairpin-connections "
                    + "masquerade fully-random"
            ), ("services", "\(ip) daddr @cluster-ips \(ip) saddr != \(cluster.clientRange) mark set mark or 0x4000"),
            ("services", "\(ip) daddr . meta l4proto . th dport vmap @\(Self.serviceMap)"),
            ("services", "\(ip) daddr @nodeport-ips meta l4proto . th dport vmap @service-nodeports"),
        ] {
            text.add("rule", chain, rule)
        }
        if form == .endpointChains {
            text.add("chain", "mark-for-masquerade")
            text.flush("mark-for-masquerade")
            text.add("rule", "mark-for-masquerade", "mark set mark or 0x4000")
        }
    }

    // MARK: - Changes

    mutating func text(for changes: [ClusterChange]) -> String {
        var text = Text(home: home)
        for change in changes {
            switch change {
            case .endpoints(let service, let wanted):
                write(service, wanted, old: state.endpoints[service] ?? [], to: &text)
            case .added(let service, let wanted):
                write(service, wanted, old: [], to: &text)
                addElements(of: service, to: &text)
            case .removed(let service):
                for endpoint in state.endpoints[service] ?? [] where form == .endpointChains {
                    retire(endpointChain(service, endpoint), in: &text)
                }
                retire(serviceChain(service), in: &text)
                text.delete("element", "cluster-ips", "{ \(cluster.clusterIP(service)) }")
                text.delete("element", Self.serviceMap, "{ \(cluster.clusterIP(service)) . tcp . 80 }")
            }
            state.apply(change)
        }
        return text.result
    }

    mutating func tidying() -> String? {
        if stale.isEmpty { return nil }
        var text = Text(home: home)
        for chain in stale.sorted() { text.delete("chain", chain) }
        stale = []
        return text.result
    }

    /// Empties a chain that nothing needs any more.
    private mutating func retire(_ chain: String, in text: inout Text) {
        text.flush(chain)
        stale.insert(chain)
    }

    // MARK: - A Service

    private mutating func write(_ service: Int, _ wanted: [Int], old: [Int], to text: inout Text) {
        let chain = serviceChain(service)
        if form == .endpointChains {
            for endpoint in wanted {
                let name = endpointChain(service, endpoint)
                text.add("chain", name)
                text.flush(name)
                stale.remove(name)
            }
        }
        text.add("chain", chain)
        text.flush(chain)
        stale.remove(chain)
        let ip = isIPv4 ? "ip" : "ip6"
        switch form {
        case .endpointMap:
            let map = wanted.enumerated().map { "\($0) : \(cluster.endpoint(service, $1)) . 8080" }
            text.add(
                "rule",
                chain,
                "meta l4proto tcp dnat to numgen random mod \(wanted.count) map { \(map.joined(separator: " , ")) }"
            )
        case .endpointChains:
            text.add(
                "rule",
                chain,
                "\(ip) daddr \(cluster.clusterIP(service)) tcp dport 80 \(ip) saddr != \(cluster.clientRange) "
                    + "jump mark-for-masquerade"
            )
            let map = wanted.enumerated().map { "\($0) : goto \(endpointChain(service, $1))" }
            text.add(
                "rule",
                chain,
                "numgen random mod \(wanted.count) vmap { \(map.joined(separator: " , ")) }"
            )
            for endpoint in wanted {
                let address = cluster.endpoint(service, endpoint)
                let name = endpointChain(service, endpoint)
                text.add("rule", name, "\(ip) saddr \(address) jump mark-for-masquerade")
                let target = isIPv4 ? "\(address)" : "[\(address)]"
                text.add("rule", name, "meta l4proto tcp dnat to \(target):8080")
            }
            for endpoint in Set(old).subtracting(wanted).sorted() {
                retire(endpointChain(service, endpoint), in: &text)
            }
        }
    }

    private func addElements(of service: Int, to text: inout Text) {
        let address = cluster.clusterIP(service)
        text.add("element", "cluster-ips", "{ \(address) }")
        text.add("element", Self.serviceMap, "{ \(address) . tcp . 80 : goto \(serviceChain(service)) }")
    }

    private func serviceChain(_ service: Int) -> String {
        let name = "bench-\(service % 50)/service-\(service)/tcp/http"
        return "\(Self.serviceChainPrefix)\(LayoutHash.letters(8, of: name))-\(name)"
    }

    private func endpointChain(_ service: Int, _ endpoint: Int) -> String {
        // Colons end a name.
        let address = "\(cluster.endpoint(service, endpoint))".split(separator: ":", omittingEmptySubsequences: false)
        let name = "bench-\(service % 50)/service-\(service)/tcp/http__\(address.joined(separator: "."))/8080"
        return "endpoint-\(LayoutHash.letters(8, of: name))-\(name)"
    }

    /// Commands of nft, one a line, as kube-proxy's library writes them.
    private struct Text {
        let home: String
        private(set) var result = ""

        init(home: String) { self.home = home }

        mutating func add(_ command: String) { result += "\(command)\n" }

        mutating func add(_ kind: String, _ name: String, _ rest: String = "") {
            result += rest.isEmpty ? "add \(kind) \(home) \(name)\n" : "add \(kind) \(home) \(name) \(rest)\n"
        }

        mutating func delete(_ kind: String, _ name: String, _ rest: String = "") {
            result += rest.isEmpty ? "delete \(kind) \(home) \(name)\n" : "delete \(kind) \(home) \(name) \(rest)\n"
        }

        mutating func flush(_ chain: String) { result += "flush chain \(home) \(chain)\n" }
    }
}
