/// A rule of an iptables table, as far as it matters who leads where.
struct JumpingRule: Hashable {
    /// The chain that the rule stands in.
    let chain: String
    /// The kernel's number of the rule in its table.
    let handle: UInt64
    /// The chains that it may go on in.
    let targets: [String]
}

/// What of one iptables table is kube-proxy's and can go.
struct ProxyChains: Hashable {
    /// The chains that go, with all their rules.
    private(set) var chains: [String] = []
    /// The rules that go from chains that stay, because they lead to those.
    private(set) var jumps: [JumpingRule] = []
    /// Chains of kube-proxy that stay, because a chain of somebody else leads to them.
    private(set) var kept: [String] = []

    /// Finds out what can go.
    ///
    /// A rule in a hook's own chain that leads to kube-proxy's chains was put there by kube-proxy. One in a regular
    /// chain of somebody else was not: some CNI plug-ins let kube-proxy's `KUBE-MARK-MASQ` mark their packets.
    ///
    /// - Parameters:
    ///   - table: The name of the table: `filter`, `nat` or `mangle`.
    ///   - chains: The names of all its chains, with whether each is a hook's own.
    ///   - rules: Its rules that lead to other chains.
    init(table: String, chains: [String: Bool], rules: [JumpingRule]) {
        let own = chains.keys.filter { Self.isProxyChain($0, table: table) }
        guard !own.isEmpty else { return }
        var targets: [String: Set<String>] = [:]
        for rule in rules { targets[rule.chain, default: []].formUnion(rule.targets) }
        let ownSet = Set(own)
        let foreign = chains.filter { !$0.value && !ownSet.contains($0.key) }.keys
        let leadTo = foreign.reduce(into: Set<String>()) { $0.formUnion(targets[$1] ?? []) }.intersection(ownSet)
        var stays: Set<String> = []
        var waiting = Array(leadTo)
        while let chain = waiting.popLast() {
            guard ownSet.contains(chain), stays.insert(chain).inserted else { continue }
            waiting += targets[chain] ?? []
            // A mark is of no use without the chain that looks at it.
            if chain == "KUBE-MARK-MASQ" { waiting.append("KUBE-POSTROUTING") }
        }
        kept = leadTo.sorted()
        self.chains = ownSet.subtracting(stays).sorted()
        let leaving = Set(self.chains)
        jumps = rules.filter { !leaving.contains($0.chain) && !leaving.isDisjoint(with: $0.targets) }
    }

    /// Whether kube-proxy, in any of its modes and of late versions, makes a chain of this name.
    ///
    /// Other programs make chains that begin alike: the kubelet `KUBE-FIREWALL`, `KUBE-KUBELET-CANARY` and
    /// `KUBE-IPTABLES-HINT`, and kube-router's network policies `KUBE-ROUTER-…`, `KUBE-NWPLCY-…` and `KUBE-POD-FW-…`.
    static func isProxyChain(_ name: String, table: String) -> Bool {
        guard name.hasPrefix("KUBE-") else { return false }
        // The one in nat is of the ipvs mode; the one in filter is the kubelet's.
        if name == "KUBE-FIREWALL" { return table == "nat" }
        return names.contains(name) || namePrefixes.contains { name.hasPrefix($0) }
    }

    private static let names: Set<String> = [
        "KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-MARK-MASQ",
        "KUBE-MARK-DROP", "KUBE-FORWARD", "KUBE-PROXY-FIREWALL", "KUBE-PROXY-CANARY", "KUBE-LOAD-BALANCER",
        "KUBE-NODE-PORT", "KUBE-SOURCE-RANGES-FIREWALL", "KUBE-IPVS-FILTER", "KUBE-IPVS-OUT-FILTER",
    ]

    private static let namePrefixes = ["KUBE-SVC-", "KUBE-SVL-", "KUBE-SEP-", "KUBE-EXT-", "KUBE-FW-", "KUBE-XLB-"]
}
