internal import Nftables

extension Skeleton {
    /// The priorities at which kube-proxy hooks in too (`NF_IP_PRI_NAT_DST`, `NF_IP_PRI_NAT_SRC`, `NF_IP_PRI_FILTER`).
    private enum Priority {
        /// Before destinations are translated.
        static let sourceCheck: Int32 = -110
        static let destinationNAT: Int32 = -100
        static let filter: Int32 = 0
        /// After whatever else may drop the flow.
        static let record: Int32 = 10
        static let sourceNAT: Int32 = 100
    }

    /// The chains that the kernel enters.
    var baseChains: [FilledChain] {
        let isNew = Statement.match(.connectionState, .hasAnyBit(of: ConnectionState.new))
        func base(_ name: String, _ type: BaseHook.ChainType, _ hook: Hook, _ priority: Int32) -> Chain {
            Chain(name, base: BaseHook(type: type, hook: hook, priority: priority))
        }
        func check(_ chain: String) -> Rule { Rule([isNew, .verdict(.jump(chain))]) }
        let services = [Rule([.verdict(.jump("services"))])]
        let record = [Rule([isNew, Self.isTranslated, .verdict(.jump(recordChain.chain.name))])]
        return [
            (base("source-prerouting", .filter, .prerouting, Priority.sourceCheck), [check("source-check")]),
            (base("source-output", .filter, .output, Priority.sourceCheck), [check("source-check")]),
            (base("nat-prerouting", .nat, .prerouting, Priority.destinationNAT), services),
            (base("nat-output", .nat, .output, Priority.destinationNAT), services),
            (base("nat-postrouting", .nat, .postrouting, Priority.sourceNAT), masqueradingRules),
            (
                base("filter-input", .filter, .input, Priority.filter),
                // No check of cluster IPs here: one that is also a local address, as a node-local DNS cache has it,
                // is left to whatever listens there.
                [check("nodeport-check"), check("endpoint-check")]
            ),
            (
                base("filter-forward", .filter, .forward, Priority.filter),
                [check("endpoint-check"), check("cluster-ips-check")]
            ),
            (
                base("filter-output", .filter, .output, Priority.filter),
                [check("endpoint-check"), check("cluster-ips-check")]
            ),
            (base("record-input", .filter, .input, Priority.record), record),
            (base("record-forward", .filter, .forward, Priority.record), record),
            (base("record-output", .filter, .output, Priority.record), record),
        ]
    }

    /// Goes on when the destination was translated.
    private static var isTranslated: Statement {
        .match(.connectionStatus, .hasAnyBit(of: ConnectionStatus.destinationTranslated))
    }

    private var masqueradingRules: [Rule] {
        let mark = configuration.masqueradeMark
        return [
            Rule([.match(.mark, .hasAnyBit(of: mark)), .flipMarkBits(mark), .masquerade]),
            Rule(
                [
                    Self.isTranslated,
                    .member([.sourceAddress, .destinationAddress], of: DataPlaneSet.hairpin.name),
                    .masquerade,
                ],
                comment: "a pod that reached itself"
            ),
        ]
    }
}
