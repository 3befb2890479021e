internal import Nftables

/// A base chain in its place among those of its hook.
struct BaseChain {
    let table: TableState
    let chain: ChainState
    let base: BaseHook
}

/// The base chains of one hook in the order in which they see a packet.
///
/// All chains of type nat run at one place whatever their priorities, which order them among each other: the kernel
/// hooks its address translation in once (`nf_nat_ipv4_ops`), and calls them from there.
struct HookChains {
    var beforeTranslation: [BaseChain] = []
    var translation: [BaseChain] = []
    var afterTranslation: [BaseChain] = []

    /// Collects the chains of a family's tables.
    static func all(of tables: some Sequence<TableState>) -> [Hook: HookChains] {
        var chains: [BaseChain] = []
        for table in tables {
            for chain in table.chains.values {
                if let base = chain.chain.base { chains.append(BaseChain(table: table, chain: chain, base: base)) }
            }
        }
        // Of two chains with one priority the younger one comes first (`nf_hook_entries_grow`).
        chains.sort { ($0.base.priority, $1.chain.serial) < ($1.base.priority, $0.chain.serial) }
        var hooks: [Hook: HookChains] = [:]
        for chain in chains {
            if chain.base.type == .nat {
                hooks[chain.base.hook, default: HookChains()].translation.append(chain)
            } else if chain.base.priority < chain.base.hook.translationPriority {
                hooks[chain.base.hook, default: HookChains()].beforeTranslation.append(chain)
            } else {
                hooks[chain.base.hook, default: HookChains()].afterTranslation.append(chain)
            }
        }
        return hooks
    }
}

extension Hook {
    /// Where the kernel's address translation is hooked in (`NF_IP_PRI_NAT_DST` and `NF_IP_PRI_NAT_SRC`).
    fileprivate var translationPriority: Int32 {
        switch self {
        case .prerouting, .output: -100
        case .input, .postrouting: 100
        // There is none: all chains count as being after it.
        case .forward: .min
        }
    }
}
