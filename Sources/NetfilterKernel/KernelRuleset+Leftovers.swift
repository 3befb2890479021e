internal import CNetfilter
package import Nftables

/// What was removed of kube-proxy's rules.
package struct LeftoverReport: Hashable, Sendable {
    /// The tables of its nftables mode.
    package var tables: [Table] = []
    /// The chains of its iptables and ipvs modes, such as `ip nat KUBE-SERVICES`.
    package var chains: [String] = []
    /// The rules that led to them from chains of the system.
    package var jumps = 0
    /// Chains that stay because chains of other programs lead to them.
    package var kept: [String] = []
}

extension KernelRuleset {
    /// Removes what kube-proxy programmed, in one transaction, and nothing else.
    ///
    /// Goes are the tables `kube-proxy` of its nftables mode, its chains in the tables that iptables-nft keeps in
    /// nf_tables, and the rules that lead to them. Rules of iptables-legacy are out of reach. Connections that are
    /// established keep their translation, and what others programmed stays as it is.
    ///
    /// - Returns: What was there.
    /// - Throws: Why the kernel could not be asked, or refuses; nothing has changed then.
    package func removeProxyLeftovers() throws(RulesetError) -> LeftoverReport {
        for _ in 0..<Self.leftoverAttemptsMax {
            let generation = try generation()
            var removal = LeftoverRemoval()
            var report = LeftoverReport()
            for family in TableFamily.allCases {
                for name in ["filter", "mangle", "nat"] {
                    try findChains(Table(family, name), &removal, &report)
                }
                let own = Table(family, "kube-proxy")
                if try contents(of: own) != nil { report.tables.append(own) }
            }
            removal.tables = report.tables
            guard !removal.isEmpty else { return report }
            do throws(RulesetError) {
                try apply(removal, expecting: generation)
                return report
            } catch .generationChanged {
                continue
            }
        }
        throw .generationChanged
    }

    /// How often the search starts again because somebody changed the ruleset meanwhile.
    private static let leftoverAttemptsMax = 20

    private func findChains(
        _ table: Table,
        _ removal: inout LeftoverRemoval,
        _ report: inout LeftoverReport
    ) throws(RulesetError) {
        let listing: (chains: [String: Bool], rules: [JumpingRule])
        do throws(RulesetError) {
            listing = try consistently { () throws(RulesetError) in try listJumps(of: table) }
        } catch .refused(let failures) where failures.contains(where: { $0.reason == .notFound }) {
            return
        }
        guard listing.chains.keys.contains(where: { ProxyChains.isProxyChain($0, table: table.name) }) else { return }
        let (chains, rules) = listing
        let found = ProxyChains(table: table.name, chains: chains, rules: rules)
        removal.jumps += found.jumps.map { ($0, table) }
        removal.chains += found.chains.map { ($0, table) }
        report.jumps += found.jumps.count
        report.chains += found.chains.map { "\(table) \($0)" }
        report.kept += found.kept.map { "\(table) \($0)" }
    }

    /// The chains of a table, each with whether it is a base chain, and the rules that lead to others.
    private func listJumps(
        of table: Table
    ) throws(RulesetError) -> (chains: [String: Bool], rules: [JumpingRule]) {
        var chains: [String: Bool] = [:]
        var rules: [JumpingRule] = []
        try list(MessageType.getChains, of: table) { message in
            let attributes = message.attributes
            guard attributes.first(NFTA_CHAIN_TABLE)?.text == table.name,
                let name = attributes.first(NFTA_CHAIN_NAME)?.text
            else { return }
            chains[name] = attributes.first(NFTA_CHAIN_HOOK) != nil
        }
        try list(MessageType.getRules, of: table) { message in
            guard message.attributes.first(NFTA_RULE_TABLE)?.text == table.name,
                let rule = JumpingRule(message), !rule.targets.isEmpty
            else { return }
            rules.append(rule)
        }
        return (chains, rules)
    }
}

/// What one transaction takes away.
struct LeftoverRemoval {
    /// Single rules, with their tables.
    var jumps: [(rule: JumpingRule, table: Table)] = []
    /// Chains with all their rules, and their tables.
    var chains: [(name: String, table: Table)] = []
    /// Whole tables.
    var tables: [Table] = []

    /// Whether there is nothing to take away.
    var isEmpty: Bool { jumps.isEmpty && chains.isEmpty && tables.isEmpty }
}

extension JumpingRule {
    /// Reads a rule from the kernel's listing; nil when the message is none.
    fileprivate init?(_ message: Message) {
        let attributes = message.attributes
        guard let chain = attributes.first(NFTA_RULE_CHAIN)?.text,
            let handle = attributes.first(NFTA_RULE_HANDLE)?.octets, handle.count == 8
        else { return nil }
        var targets: [String] = []
        if let expressions = attributes.first(NFTA_RULE_EXPRESSIONS)?.nested {
            for expression in expressions {
                // iptables-nft writes jumps as verdicts that are set at once; nothing else of it names a chain.
                guard expression.nested.first(NFTA_EXPR_NAME)?.text == "immediate",
                    let verdict = expression.nested.first(NFTA_EXPR_DATA)?.nested.first(NFTA_IMMEDIATE_DATA)?.nested
                        .first(NFTA_DATA_VERDICT)?.nested,
                    let target = verdict.first(NFTA_VERDICT_CHAIN)?.text
                else { continue }
                targets.append(target)
            }
        }
        // The number is in network order.
        self.init(chain: chain, handle: handle.reduce(0) { $0 << 8 | UInt64($1) }, targets: targets)
    }
}
