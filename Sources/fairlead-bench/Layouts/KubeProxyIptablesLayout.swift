internal import NetworkAddress

/// The layout of kube-proxy's iptables mode, for `iptables-restore --noflush`.
///
/// `KUBE-SERVICES` has a rule for every Service, and is written whole whenever anything changes; a chain of a Service or
/// an endpoint is written when that Service changes. Comments are left out where kube-proxy leaves them out, in clusters
/// of more than a thousand endpoints.
struct KubeProxyIptablesLayout: RulesetLayout {
    private(set) var state: ClusterState
    /// Chains that nothing leads to any more; kube-proxy deletes them once in a while.
    private var stale: Set<String> = []
    /// The rules of `KUBE-SERVICES`, which are the same every time unless Services come or go.
    private var services: [Int: String] = [:]

    init(_ cluster: SyntheticCluster) {
        state = ClusterState(cluster)
        for service in state.services { services[service] = dispatch(service) }
    }

    private var cluster: SyntheticCluster { state.cluster }
    private var host: String { cluster.family == .ipv4 ? "/32" : "/128" }

    // MARK: - What does not depend on the Services

    /// The rules of the built-in chains, which kube-proxy puts in one by one when it starts.
    static let setup = """
        *filter
        :KUBE-SERVICES - [0:0]
        :KUBE-EXTERNAL-SERVICES - [0:0]
        :KUBE-NODEPORTS - [0:0]
        :KUBE-PROXY-FIREWALL - [0:0]
        :KUBE-FORWARD - [0:0]
        -A INPUT -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL
        -A INPUT -j KUBE-NODEPORTS
        -A INPUT -m conntrack --ctstate NEW -j KUBE-EXTERNAL-SERVICES
        -A FORWARD -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL
        -A FORWARD -j KUBE-FORWARD
        -A FORWARD -m conntrack --ctstate NEW -j KUBE-SERVICES
        -A FORWARD -m conntrack --ctstate NEW -j KUBE-EXTERNAL-SERVICES
        -A OUTPUT -m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL
        -A OUTPUT -m conntrack --ctstate NEW -j KUBE-SERVICES
        COMMIT
        *nat
        :KUBE-SERVICES - [0:0]
        :KUBE-NODEPORTS - [0:0]
        :KUBE-POSTROUTING - [0:0]
        :KUBE-MARK-MASQ - [0:0]
        -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
        -A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
        -A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING
        COMMIT

        """

    private static let filter = """
        *filter
        :KUBE-SERVICES - [0:0]
        :KUBE-EXTERNAL-SERVICES - [0:0]
        :KUBE-NODEPORTS - [0:0]
        :KUBE-PROXY-FIREWALL - [0:0]
        :KUBE-FORWARD - [0:0]
        -A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP
        -A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT
        -A KUBE-FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        COMMIT

        """

    private static let natHead = """
        *nat
        :KUBE-SERVICES - [0:0]
        :KUBE-NODEPORTS - [0:0]
        :KUBE-POSTROUTING - [0:0]
        :KUBE-MARK-MASQ - [0:0]

        """

    private static let natRules = """
        -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
        -A KUBE-POSTROUTING -j MARK --xor-mark 0x4000
        -A KUBE-POSTROUTING -j MASQUERADE --random-fully
        -A KUBE-MARK-MASQ -j MARK --or-mark 0x4000

        """

    private static let nodePorts =
        "-A KUBE-SERVICES -m comment --comment \"kubernetes service nodeports; NOTE: this must be the last rule in "
        + "this chain\" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS\n"

    // MARK: - Everything and changes

    mutating func everything(isRestart: Bool) -> String {
        stale = []
        return text(writing: state.services)
    }

    mutating func text(for changes: [ClusterChange]) -> String {
        var written: [Int] = []
        for change in changes {
            switch change {
            case .endpoints(let service, let wanted):
                for gone in Set(state.endpoints[service] ?? []).subtracting(wanted) {
                    stale.insert(endpointChain(service, gone))
                }
                written.append(service)
            case .added(let service, _):
                services[service] = dispatch(service)
                written.append(service)
            case .removed(let service):
                services[service] = nil
                stale.insert(serviceChain(service))
                stale.formUnion((state.endpoints[service] ?? []).map { endpointChain(service, $0) })
            }
            state.apply(change)
        }
        return text(writing: written)
    }

    mutating func tidying() -> String? {
        if stale.isEmpty { return nil }
        // A chain of a Service first: its rules lead to the others.
        let chains = stale.sorted().reversed()
        stale = []
        return "*nat\n" + chains.map { ":\($0) - [0:0]\n" }.joined() + chains.map { "-X \($0)\n" }.joined() + "COMMIT\n"
    }

    /// The input of a sync that writes the chains of some Services.
    private mutating func text(writing written: [Int]) -> String {
        var chains = Self.filter + Self.natHead
        var rules = Self.natRules
        for service in written {
            let name = serviceChain(service)
            chains += ":\(name) - [0:0]\n"
            stale.remove(name)
            let endpoints = state.endpoints[service] ?? []
            rules +=
                "-A \(name) -m tcp -p tcp -d \(cluster.clusterIP(service))\(host) --dport 80 "
                + "! -s \(cluster.clientRange) -j KUBE-MARK-MASQ\n"
            for (index, endpoint) in endpoints.enumerated() {
                let address = cluster.endpoint(service, endpoint)
                let chain = endpointChain(service, endpoint)
                chains += ":\(chain) - [0:0]\n"
                stale.remove(chain)
                let share = Self.probability(oneIn: endpoints.count - index)
                rules += "-A \(name)\(share) -j \(chain)\n"
                rules += "-A \(chain) -s \(address)\(host) -j KUBE-MARK-MASQ\n"
                let target = cluster.family == .ipv4 ? "\(address)" : "[\(address)]"
                rules += "-A \(chain) -m tcp -p tcp -j DNAT --to-destination \(target):8080\n"
            }
        }
        for service in services.keys.sorted() { rules += services[service] ?? "" }
        return chains + rules + Self.nodePorts + "COMMIT\n"
    }

    /// The rule that leads to a Service.
    private func dispatch(_ service: Int) -> String {
        "-A KUBE-SERVICES -m tcp -p tcp -d \(cluster.clusterIP(service))\(host) --dport 80 "
            + "-j \(serviceChain(service))\n"
    }

    /// The match of the first of so many rules, one of which is to take a packet; the last takes what is left.
    private static func probability(oneIn count: Int) -> String {
        guard count > 1 else { return "" }
        let digits = "\((1 / Double(count) * 1e10).rounded() / 1e10)".dropFirst(2)
        return " -m statistic --mode random --probability 0."
            + digits + String(repeating: "0", count: max(0, 10 - digits.count))
    }

    private func serviceChain(_ service: Int) -> String {
        "KUBE-SVC-\(LayoutHash.letters(16, of: "bench-\(service % 50)/service-\(service):httptcp"))"
    }

    private func endpointChain(_ service: Int, _ endpoint: Int) -> String {
        let target = "\(cluster.endpoint(service, endpoint)):8080"
        return "KUBE-SEP-\(LayoutHash.letters(16, of: "bench-\(service % 50)/service-\(service):httptcp\(target)"))"
    }
}
