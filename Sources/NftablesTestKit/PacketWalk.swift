internal import NetworkAddress
internal import Nftables

/// One packet on its way through the hooks.
struct PacketWalk {
    /// The script of random numbers is at its end where another one is wanted.
    struct NumberWanted: Error {
        let modulus: UInt32
    }

    /// How a base chain ended.
    private enum End {
        case accept
        case drop
        case reject(Rejection)
        case translated
    }

    var source: IPAddress
    var destination: TransportAddress
    /// The number of the protocol in its header.
    let protocolNumber: UInt8
    let connection: Packet.Connection
    var mark: UInt32
    var isDestinationTranslated = false
    var isMasqueraded = false
    /// What the first packet of the connection said.
    let original: (source: IPAddress, destination: TransportAddress)
    /// The interface that the packet came in on; empty for one that the node sends.
    let inputInterface: String
    /// What rules put into dynamic maps, and what they took out.
    var remembered: [RememberedElement] = []
    var forgotten: [RememberedElement] = []
    let nodeAddresses: Set<IPAddress>
    var numbers: RandomNumbers
    /// The amount of random numbers drawn so far.
    var draws = 0
    /// The draws whose rule then failed to match, so that their numbers no longer matter.
    var missedDraws: Set<Int> = []
    let recordsSteps: Bool
    private(set) var steps: [String] = []
    private var hasPassedDestinationTranslation = false
    private var hasPassedSourceTranslation = false

    init(_ packet: Packet, nodeAddresses: Set<IPAddress>, numbers: RandomNumbers, recordsSteps: Bool) {
        source = packet.source
        destination = packet.destination
        protocolNumber = packet.protocolNumber
        connection = packet.connection
        mark = packet.mark
        original = (packet.source, packet.destination)
        inputInterface = packet.inputInterface
        self.nodeAddresses = nodeAddresses
        self.numbers = numbers
        self.recordsSteps = recordsSteps
    }

    var isSourceLocal: Bool { source.isLoopback || nodeAddresses.contains(source) }

    var isDestinationLocal: Bool { destination.address.isLoopback || nodeAddresses.contains(destination.address) }

    /// Takes the packet along its path.
    mutating func run(
        _ path: Packet.Path,
        through hooks: [Hook: HookChains]
    ) throws(NumberWanted) -> PacketVerdict {
        // Where the packet is routed to is asked between the two parts: by then its destination is translated.
        for hook in path == .received ? [Hook.prerouting] : [.output, .postrouting] {
            if let verdict = try pass(hook, hooks[hook]) { return verdict }
        }
        let rest: [Hook]
        switch (path, isDestinationLocal) {
        case (.received, true): rest = [.input]
        case (.received, false): rest = [.forward, .postrouting]
        case (.locallyGenerated, true): rest = [.prerouting, .input]
        case (.locallyGenerated, false): rest = []
        }
        for hook in rest {
            if let verdict = try pass(hook, hooks[hook]) { return verdict }
        }
        return .delivered(to: destination, masqueraded: isMasqueraded)
    }

    // MARK: - A hook

    /// Takes the packet through a hook, and returns a verdict when it gets no further.
    private mutating func pass(_ hook: Hook, _ chains: HookChains?) throws(NumberWanted) -> PacketVerdict? {
        if let verdict = try pass(hook, chains?.beforeTranslation ?? []) { return verdict }
        if let verdict = try translate(at: hook, chains?.translation ?? []) { return verdict }
        return try pass(hook, chains?.afterTranslation ?? [])
    }

    private mutating func pass(_ hook: Hook, _ chains: [BaseChain]) throws(NumberWanted) -> PacketVerdict? {
        for chain in chains {
            if let verdict = verdict(of: try run(chain), at: hook) { return verdict }
        }
        return nil
    }

    /// Asks the nat chains what becomes of a new connection, until one translates it.
    ///
    /// A connection is asked about once for its destination and once for its source; what came of it holds for all its
    /// packets. One that the node sends to itself passes four hooks, of which the first two ask.
    private mutating func translate(at hook: Hook, _ chains: [BaseChain]) throws(NumberWanted) -> PacketVerdict? {
        switch hook {
        case .prerouting, .output:
            if hasPassedDestinationTranslation { return nil }
            hasPassedDestinationTranslation = true
            if case .established(let destination?) = connection { translateDestination(to: destination) }
        case .input, .postrouting:
            if hasPassedSourceTranslation { return nil }
            hasPassedSourceTranslation = true
        case .forward:
            return nil
        }
        guard connection == .new else { return nil }
        for chain in chains {
            let end = try run(chain)
            if let verdict = verdict(of: end, at: hook) { return verdict }
            if case .translated = end { return nil }
        }
        return nil
    }

    private func verdict(of end: End, at hook: Hook) -> PacketVerdict? {
        switch end {
        case .accept, .translated: nil
        case .drop: .dropped(at: hook)
        // The kernel resets nothing but TCP, and drops all else without a word.
        case .reject(.tcpReset) where protocolNumber != TransportProtocol.tcp.rawValue: .dropped(at: hook)
        case .reject(let rejection): .refused(rejection, at: hook)
        }
    }

    mutating func translateDestination(to translated: TransportAddress) {
        // The kernel notes a translation only where something changed (`nf_nat_setup_info`).
        if translated != destination { isDestinationTranslated = true }
        destination = translated
    }

    // MARK: - A chain

    /// Takes the packet through a base chain and all that it leads to.
    private mutating func run(_ entry: BaseChain) throws(NumberWanted) -> End {
        if recordsSteps {
            let base = entry.base
            steps.append(
                "\(base.hook.name): \(entry.table.table) \(entry.chain.chain.name) "
                    + "(\(base.type.rawValue), priority \(base.priority))"
            )
        }
        var callers: [(chain: ChainState, nextRule: Int)] = []
        var chain = entry.chain
        var nextRule = 0
        while true {
            var result = RuleResult.verdict(.return)
            if nextRule < chain.rules.count {
                let rule = chain.rules[nextRule]
                nextRule += 1
                result = try run(rule, in: entry.table)
                if recordsSteps {
                    steps.append("  \(chain.chain.name): \(rule.nftText(in: entry.table.table.family)) -> \(result)")
                }
            }
            switch result {
            case .noMatch, .matchWithoutVerdict: continue
            case .translated: return .translated
            case .reject(let rejection): return .reject(rejection)
            case .verdict(.accept): return .accept
            case .verdict(.drop): return .drop
            case .verdict(.return):
                // At its end a base chain has its policy, which is to accept.
                guard let caller = callers.popLast() else { return .accept }
                (chain, nextRule) = caller
            case .verdict(.jump(let target)), .verdict(.goto(let target)):
                if case .verdict(.jump) = result { callers.append((chain, nextRule)) }
                guard let next = entry.table.chains[target] else {
                    preconditionFailure("a chain that verdicts lead to cannot be deleted: \(target)")
                }
                (chain, nextRule) = (next, 0)
            }
        }
    }
}
