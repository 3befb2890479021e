internal import CNetfilter
internal import LinuxSystem
package import Nftables

/// The ruleset of the kernel, in the network namespace of the thread that opened it.
///
/// Used by one thread at a time. Every call waits for the kernel's answer.
package final class KernelRuleset: RulesetStore {
    private var socket: NetlinkSocket
    private var encoder = BatchEncoder()
    private var nextSequence: UInt32 = 1

    /// Opens a connection to the kernel.
    package init() throws(RulesetError) {
        do throws(Errno) {
            socket = try NetlinkSocket.open()
            // Room for the errors of a refused batch, of which there can be one for every message.
            try socket.setReceiveQueue(bytes: 4 * 1024 * 1024)
        } catch {
            throw RulesetError(error, step: "socket")
        }
    }

    /// The number that notifications of changes made here carry as their sender.
    package var portID: UInt32 { socket.portID }

    // MARK: - Changing

    package func apply(_ transaction: Transaction, expecting expected: UInt32?) throws(RulesetError) {
        let unprintable = transaction.overlongComments
        guard unprintable.isEmpty else { throw .refused(unprintable) }
        encoder.encode(transaction, firstSequence: nextSequence, generation: expected)
        try sendBatch()
    }

    /// Removes what a program before us left, all at once; on an error nothing has changed.
    func apply(_ removal: LeftoverRemoval, expecting expected: UInt32) throws(RulesetError) {
        encoder.encode(removal, firstSequence: nextSequence, generation: expected)
        try sendBatch()
    }

    /// Sends what was encoded, and waits for the kernel's answer.
    private func sendBatch() throws(RulesetError) {
        guard !encoder.parts.isEmpty else { return }
        nextSequence &+= UInt32(encoder.parts.count) &+ 2
        do throws(Errno) {
            try socket.send(encoder.messages)
        } catch {
            throw RulesetError(error, step: "send of \(encoder.messages.count) bytes")
        }
        try readAcknowledgement()
        encoder.releaseLargeBatch()
    }

    /// Reads every answer to the batch; the kernel has queued them all by the time that it took the batch.
    private func readAcknowledgement() throws(RulesetError) {
        var failures: [OperationFailure] = []
        var isAcknowledged = false
        var isOverrun = false
        var wholeBatch: Int32?
        while true {
            do throws(Errno) {
                guard let received = unsafe try socket.receive() else { break }
                unsafe Message.forEach(in: received) { message in
                    guard let answer = ErrorAnswer(message) else { return }
                    if answer.sequence == encoder.beginSequence {
                        wholeBatch = answer.error
                    } else if answer.error == 0 {
                        isAcknowledged = isAcknowledged || answer.sequence == encoder.lastSequence
                    } else if let part = encoder.part(sequence: answer.sequence) {
                        failures.append(failure(answer, in: part))
                    }
                }
            } catch {
                // Some answers were lost because there were too many of them.
                guard error == .noBufferSpace else { throw RulesetError(error, step: "receive") }
                isOverrun = true
            }
        }
        switch wholeBatch {
        case KernelReason.notPermitted.rawValue: throw .notPermitted
        case restart: throw .generationChanged
        case let error?: failures.append(OperationFailure(operation: nil, reason: KernelReason(rawValue: error)))
        case nil: break
        }
        if isOverrun { failures.append(OperationFailure(operation: nil, reason: .noBufferSpace)) }
        guard failures.isEmpty else { throw .refused(failures) }
        guard isAcknowledged else { throw .channel(step: "receive of the acknowledgement", reason: .noBufferSpace) }
    }

    private func failure(_ answer: ErrorAnswer, in part: BatchEncoder.Part) -> OperationFailure {
        OperationFailure(
            operation: part.operation,
            element: answer.attributeOffset.flatMap { encoder.element(at: $0, in: part) },
            reason: KernelReason(rawValue: answer.error)
        )
    }

    // MARK: - Reading

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

    package func contents(of table: Table) throws(RulesetError) -> TableContents? {
        var contents = TableContents()
        var rulesByChain: [String: Int] = [:]
        var chains: [ListedChain] = []
        do throws(RulesetError) {
            try dump(MessageType.getSets, of: table) { message in
                guard let set = ListedSet(message), set.table == table.name else { return }
                if let declaration = set.declaration {
                    contents.sets.insert(declaration)
                } else {
                    contents.foreignSets.insert(set.name)
                }
            }
            try dump(MessageType.getChains, of: table) { message in
                if let chain = ListedChain(message), chain.table == table.name { chains.append(chain) }
            }
            try dump(MessageType.getRules, of: table) { message in
                let attributes = message.attributes
                guard attributes.first(NFTA_RULE_TABLE)?.text == table.name else { return }
                if let chain = attributes.first(NFTA_RULE_CHAIN)?.text { rulesByChain[chain, default: 0] += 1 }
            }
        } catch .refused(let failures) where failures.contains(where: { $0.reason == .notFound }) {
            return nil
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

    package func elements(of set: SetDeclaration, in table: Table) throws(RulesetError) -> [Element] {
        var elements: [Element] = []
        try dump(MessageType.getElements, of: table, set: set.name, restarting: { elements.removeAll() }) { message in
            ListedElements.read(message, of: set, into: &elements)
        }
        return elements
    }

    /// How often a listing starts again because somebody changed the ruleset meanwhile.
    private static let dumpAttemptsMax = 20

    /// Lists objects of a table, from the start again when the ruleset changes meanwhile.
    func dump(
        _ type: UInt16,
        of table: Table,
        set: String? = nil,
        restarting restart: () -> Void = {},
        _ body: (Message) -> Void
    ) throws(RulesetError) {
        for _ in 0..<Self.dumpAttemptsMax {
            // The kernel marks interrupted listings of chains and sets, but not those of elements, where the
            // generation in every message tells.
            var isInterrupted = false
            var generation: UInt16?
            restart()
            try exchange(
                type,
                family: table.family.protocolFamily,
                flags: MessageFlags.dump,
                table: table.name,
                set: set
            ) { message in
                if message.flags & UInt16(NLM_F_DUMP_INTR) != 0 { isInterrupted = true }
                guard message.nftablesType != nil else { return }
                if let generation, generation != message.generation { isInterrupted = true }
                generation = message.generation
                body(message)
            }
            if !isInterrupted { return }
        }
        throw .generationChanged
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
        let sequence = nextSequence
        nextSequence &+= 1
        encoder.encodeRequest(
            type,
            family: family,
            flags: flags | MessageFlags.acknowledge,
            sequence: sequence,
            table: table,
            set: set
        )
        var failure: Int32?
        var isDone = false
        do throws(Errno) {
            try socket.send(encoder.messages)
            while !isDone, let received = unsafe try socket.receive() {
                unsafe Message.forEach(in: received) { message in
                    guard message.sequence == sequence else { return }
                    if let answer = ErrorAnswer(message) {
                        if answer.error != 0 { failure = answer.error }
                        isDone = true
                    } else if message.type == UInt16(NLMSG_DONE) {
                        isDone = true
                    } else {
                        body(message)
                    }
                }
            }
        } catch {
            throw RulesetError(error, step: "read of the ruleset")
        }
        if let failure {
            guard failure != KernelReason.notPermitted.rawValue else { throw .notPermitted }
            throw .refused([OperationFailure(operation: nil, reason: KernelReason(rawValue: failure))])
        }
        guard isDone else { throw .channel(step: "read of the ruleset", reason: .noBufferSpace) }
    }
}

extension Transaction {
    /// The parts with comments that the kernel would take, and that nft could not print.
    fileprivate var overlongComments: [OperationFailure] {
        func isOverlong(_ comment: String?) -> Bool { (comment?.utf8.count ?? 0) > Element.commentBytesMax }
        var failures: [OperationFailure] = []
        for (index, operation) in operations.enumerated() {
            switch operation {
            case .addElements(_, _, let elements):
                for (element, added) in elements.enumerated() where isOverlong(added.comment) {
                    failures.append(OperationFailure(operation: index, element: element, reason: .invalid))
                }
            case .addRule(_, _, let rule) where isOverlong(rule.comment):
                failures.append(OperationFailure(operation: index, reason: .invalid))
            default: break
            }
        }
        return failures
    }
}

/// The kernel's answer that the ruleset has another generation than the batch was made for (`ERESTART`).
private let restart: Int32 = 85

extension RulesetError {
    init(_ error: Errno, step: String) {
        self =
            error == .notPermitted
            ? .notPermitted : .channel(step: step, reason: KernelReason(rawValue: error.rawValue))
    }
}

/// What an acknowledgement or an error message says (struct nlmsgerr).
private struct ErrorAnswer {
    /// The sequence number of the message that is answered.
    let sequence: UInt32

    /// The positive error number, or 0 for an acknowledgement.
    let error: Int32

    /// Where the offending attribute starts in the message that is answered, when the kernel tells.
    let attributeOffset: Int?

    init?(_ message: Message) {
        guard message.type == UInt16(NLMSG_ERROR), unsafe message.payload.count >= 20 else { return nil }
        unsafe error = -message.payload.loadUnaligned(as: Int32.self)
        unsafe sequence = message.payload.loadUnaligned(fromByteOffset: 4 + 8, as: UInt32.self)
        // The header of the request follows the error number, then the attributes of the answer, if any.
        if message.flags & UInt16(NLM_F_ACK_TLVS) != 0 {
            let attributes = unsafe Attributes(UnsafeRawBufferPointer(rebasing: message.payload[20...]))
            let offset = attributes.first { $0.type == UInt16(NLMSGERR_ATTR_OFFS.rawValue) }
            attributeOffset = offset.flatMap { attribute in
                unsafe attribute.value.count == 4 ? Int(attribute.value.loadUnaligned(as: UInt32.self)) : nil
            }
        } else {
            attributeOffset = nil
        }
    }
}
