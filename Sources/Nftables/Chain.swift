/// Where a base chain sees packets (`NF_INET_PRE_ROUTING` and so on).
package enum Hook: UInt32, Hashable, Sendable {
    case prerouting = 0
    case input = 1
    case forward = 2
    case output = 3
    case postrouting = 4

    /// The name as nft prints it.
    package var name: String {
        switch self {
        case .prerouting: "prerouting"
        case .input: "input"
        case .forward: "forward"
        case .output: "output"
        case .postrouting: "postrouting"
        }
    }
}

/// What makes a chain a base chain: the kernel hands it packets.
package struct BaseHook: Hashable, Sendable {
    /// What the chain's rules can do.
    package enum ChainType: String, Sendable {
        /// Accept, drop and reject.
        case filter
        /// Translate addresses; sees the first packet of a connection only.
        case nat
    }

    /// What the chain's rules can do.
    package let type: ChainType

    /// Where the chain sees packets.
    package let hook: Hook

    /// The order among the chains of a hook: lower ones see a packet first.
    package let priority: Int32

    /// Describes where a base chain is hooked in, with the policy to accept.
    package init(type: ChainType, hook: Hook, priority: Int32) {
        self.type = type
        self.hook = hook
        self.priority = priority
    }
}

/// A list of rules, entered from the kernel's hook or from another chain.
package struct Chain: Hashable, Sendable {
    /// The name, unique in the table; at most 255 bytes (`NFT_NAME_MAXLEN` counts a NUL).
    package let name: String

    /// Where the kernel enters the chain; nil for one that only rules jump to.
    package let base: BaseHook?

    /// Declares a chain.
    package init(_ name: String, base: BaseHook? = nil) {
        self.name = name
        self.base = base
    }
}
