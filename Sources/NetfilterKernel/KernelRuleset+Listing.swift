internal import CNetfilter
private import Glibc
internal import LinuxSystem
package import Nftables

extension KernelRuleset {
    /// Asks for the generation of the network namespace (`NFT_MSG_GETGEN`).
    package func generation() throws(RulesetError) -> UInt32 {
        var generation: UInt32?
        try exchange(MessageType.getGeneration, family: 0, flags: 0) { message in
            if message.nftablesType == MessageType.newGeneration {
                generation = message.attributes.first(NFTA_GEN_ID)?.number
            }
        }
        guard let generation else { throw .channel(step: "read of the generation", reason: .invalid) }
        return generation
    }

    /// Lists the sets, the chains and the rules' chains of a table.
    package func contents(of table: Table) throws(RulesetError) -> TableContents? {
        do throws(RulesetError) {
            return try consistently { () throws(RulesetError) in try listContents(of: table) }
        } catch .refused(let failures) where failures.contains(where: { $0.reason == .notFound }) {
            return nil
        }
    }

    /// Lists the elements of a set; the kernel needs quadratic time for large ones.
    package func elements(of set: SetDeclaration, in table: Table) throws(RulesetError) -> [Element] {
        try consistently { () throws(RulesetError) in
            var elements: [Element] = []
            try list(MessageType.getElements, of: table, set: set.name) { message in
                ListedElements.read(message, of: set, into: &elements)
            }
            // After a large change the kernel resizes the set's hash table, in the background and without a new
            // generation. A listing meanwhile lacks as many elements as it tells twice.
            let keys = Set(elements.lazy.map(\.key))
            return keys.count == elements.count ? elements : nil
        }
    }

    private func listContents(of table: Table) throws(RulesetError) -> TableContents {
        var contents = TableContents()
        var rulesByChain: [String: Int] = [:]
        var chains: [ListedChain] = []
        try list(MessageType.getSets, of: table) { message in
            guard let set = ListedSet(message), set.table == table.name, !set.isAnonymous else { return }
            if let declaration = set.declaration {
                contents.sets.insert(declaration)
            } else {
                contents.foreignSets.insert(set.name)
            }
        }
        try list(MessageType.getChains, of: table) { message in
            if let chain = ListedChain(message), chain.table == table.name, !chain.isBound { chains.append(chain) }
        }
        try list(MessageType.getRules, of: table) { message in
            let attributes = message.attributes
            guard attributes.first(NFTA_RULE_TABLE)?.text == table.name else { return }
            if let chain = attributes.first(NFTA_RULE_CHAIN)?.text { rulesByChain[chain, default: 0] += 1 }
        }
        for type in [MessageType.getObjects, MessageType.getFlowtables] {
            try list(type, of: table) { message in
                // In both, the table's name has the number 1.
                if message.attributes.first(where: { $0.type == 1 })?.text == table.name {
                    contents.hasForeignObjects = true
                }
            }
        }
        for chain in chains {
            if let declared = chain.chain {
                contents.chains[declared] = rulesByChain[chain.name] ?? 0
            } else {
                contents.foreignChains.insert(chain.name)
            }
        }
        return contents
    }

    /// How often a listing starts again because the ruleset changed meanwhile, or a hash table of it.
    private static let listingAttemptsMax = 20

    /// How long to leave the kernel to its work after a listing that contradicts itself.
    private static let resizePauseMicroseconds: UInt32 = 10_000

    /// Lists until nobody has changed the ruleset meanwhile, and the listing is not nil for contradicting itself.
    ///
    /// The kernel lists in pieces, and looks at the ruleset anew for each of them. What it says of an interrupted
    /// listing, an error included, may be true of no ruleset that there ever was.
    func consistently<Listing>(
        _ list: () throws(RulesetError) -> Listing?
    ) throws(RulesetError) -> Listing {
        for _ in 0..<Self.listingAttemptsMax {
            let generation = try generation()
            guard try isSettled(at: generation) else { continue }
            let outcome = Result(catching: list)
            guard try isSettled(at: generation) else { continue }
            if let listing = try outcome.get() { return listing }
            usleep(Self.resizePauseMicroseconds)
        }
        throw .generationChanged
    }

    /// Lists objects of a table once.
    func list(
        _ type: UInt16,
        of table: Table,
        set: String? = nil,
        _ body: (Message) -> Void
    ) throws(RulesetError) {
        let family = table.family.protocolFamily
        try exchange(type, family: family, flags: MessageFlags.dump, table: table.name, set: set, body)
    }

    /// Sends a request and passes on every message of the answer.
    private func exchange(
        _ type: UInt16,
        family: UInt8,
        flags: UInt16,
        table: String? = nil,
        set: String? = nil,
        _ body: (Message) -> Void
    ) throws(RulesetError) {
        guard [table, set].allSatisfy({ $0?.isEncodableName ?? true }) else {
            throw .refused([OperationFailure(operation: nil, reason: .outOfRange)])
        }
        let sequence = takeSequences(1)
        encoder.encodeRequest(
            type,
            family: family,
            flags: flags | MessageFlags.acknowledge,
            sequence: sequence,
            table: table,
            set: set
        )
        var failure: Int32 = 0
        var isDone = false
        do throws(Errno) {
            try socket.send(encoder.messages)
            while !isDone, let received = unsafe try socket.receive() {
                unsafe Message.forEach(in: received) { message in
                    guard message.sequence == sequence else { return }
                    if let error = ErrorAnswer(message)?.error ?? message.listingError {
                        failure = error
                        isDone = true
                    } else {
                        body(message)
                    }
                }
            }
        } catch {
            throw RulesetError(error, step: "read of the ruleset")
        }
        guard failure != KernelReason.notPermitted.rawValue else { throw .notPermitted }
        guard failure == 0 else {
            throw .refused([OperationFailure(operation: nil, reason: KernelReason(rawValue: failure))])
        }
        guard isDone else { throw .channel(step: "read of the ruleset", reason: .noBufferSpace) }
    }
}
