internal import CNetfilter
internal import LinuxSystem
package import Nftables

/// The ruleset of the kernel, in the network namespace of the thread that opened it.
///
/// Used by one thread at a time. Every call waits for the kernel's answer.
package final class KernelRuleset: RulesetStore {
    var socket: NetlinkSocket
    var encoder = BatchEncoder()
    private var nextSequence: UInt32 = 1

    /// Opens a connection to the kernel.
    ///
    /// - Parameter receiveQueueBytes: The room for answers that wait to be read. A refused batch can have an error for
    ///   every message; when they overrun the queue, some are not told.
    /// - Throws: `notPermitted` without CAP_NET_ADMIN, or which step failed.
    package init(receiveQueueBytes: Int32 = 4 * 1024 * 1024) throws(RulesetError) {
        do throws(Errno) {
            socket = try NetlinkSocket.open()
            try socket.setReceiveQueue(bytes: receiveQueueBytes)
        } catch {
            throw RulesetError(error, step: "socket")
        }
    }

    /// The number that notifications of changes made here carry as their sender.
    package var portID: UInt32 { socket.portID }

    /// Takes sequence numbers that no earlier message of the socket had, and returns the first of them.
    ///
    /// Answers to earlier messages that come late are known by theirs.
    func takeSequences(_ count: Int) -> UInt32 {
        defer { nextSequence &+= UInt32(truncatingIfNeeded: count) }
        return nextSequence
    }

    // MARK: - Changing

    /// Sends the changes as one batch, and reads every answer of the kernel.
    package func apply(_ transaction: Transaction, expecting expected: UInt32?) throws(RulesetError) {
        let unencodable = transaction.unencodableParts
        guard unencodable.isEmpty else { throw .refused(unencodable) }
        // Errors are told by what the batch says at their place, so it is kept until all are read.
        defer { encoder.releaseLargeBatch() }
        encoder.encode(transaction, firstSequence: nextSequence, generation: expected)
        try sendBatch()
    }

    /// Removes what a program before us left, all at once; on an error nothing has changed.
    func apply(_ removal: LeftoverRemoval, expecting expected: UInt32) throws(RulesetError) {
        encoder.encode(removal, firstSequence: nextSequence, generation: expected)
        try sendBatch()
    }

    /// Sends what was encoded, and waits for the kernel's answer.
    func sendBatch() throws(RulesetError) {
        guard !encoder.parts.isEmpty else { return }
        let answers = try exchangeBatch()
        try answers.requireSuccess()
        guard answers.isAcknowledged, !answers.isOverrun else {
            // The last message is acknowledged also when an earlier one failed, whose error may be lost.
            throw .channel(step: "receive of the answer to a batch that may have been applied", reason: .noBufferSpace)
        }
    }

    /// Waits for the end of a transaction that somebody else has under way, and returns whether the ruleset then has
    /// the given generation.
    ///
    /// The kernel moves the generation early in a transaction and works on; a batch, even an empty one, waits.
    func isSettled(at generation: UInt32) throws(RulesetError) -> Bool {
        encoder.encode(Transaction(), firstSequence: nextSequence, generation: generation)
        do throws(RulesetError) {
            try exchangeBatch().requireSuccess()
            return true
        } catch .generationChanged {
            return false
        }
    }

    /// Sends the batch and reads every answer to it; the kernel has queued them all by the time that it took the batch.
    private func exchangeBatch() throws(RulesetError) -> BatchAnswers {
        _ = takeSequences(encoder.parts.count + 2)
        do throws(Errno) {
            try socket.send(encoder.messages)
        } catch {
            throw RulesetError(error, step: "send of \(encoder.messages.count) bytes")
        }
        var answers = BatchAnswers()
        while true {
            do throws(Errno) {
                guard let received = unsafe try socket.receive() else { return answers }
                unsafe Message.forEach(in: received) { message in
                    if let answer = ErrorAnswer(message) { append(answer, to: &answers) }
                }
            } catch {
                // Some answers were lost because there were too many of them.
                guard error == .noBufferSpace else { throw RulesetError(error, step: "receive") }
                answers.isOverrun = true
            }
        }
    }

    private func append(_ answer: ErrorAnswer, to answers: inout BatchAnswers) {
        if answer.sequence == encoder.beginSequence {
            answers.wholeBatch = answer.error
        } else if let part = encoder.part(sequence: answer.sequence) {
            if answer.error != 0 {
                answers.failures.append(failure(answer, in: part))
            } else if answer.sequence == encoder.lastSequence {
                answers.isAcknowledged = true
            }
        }
    }

    private func failure(_ answer: ErrorAnswer, in part: BatchEncoder.Part) -> OperationFailure {
        OperationFailure(
            operation: part.operation,
            element: answer.attributeOffset.flatMap { encoder.element(at: $0, in: part) },
            reason: KernelReason(rawValue: answer.error)
        )
    }
}

/// What the kernel has answered to a batch.
private struct BatchAnswers {
    var failures: [OperationFailure] = []

    /// The error of the batch as a whole.
    var wholeBatch: Int32?

    /// Whether the last message was acknowledged.
    var isAcknowledged = false

    /// Whether answers were lost.
    var isOverrun = false

    /// The answer that the ruleset has another generation than the batch was made for (`ERESTART`).
    private static let restart: Int32 = 85

    /// Throws what the kernel complained about.
    func requireSuccess() throws(RulesetError) {
        var failures = failures
        switch wholeBatch {
        case KernelReason.notPermitted.rawValue: throw .notPermitted
        case Self.restart: throw .generationChanged
        case let error?: failures.append(OperationFailure(operation: nil, reason: KernelReason(rawValue: error)))
        case nil: break
        }
        guard failures.isEmpty else {
            if isOverrun { failures.append(OperationFailure(operation: nil, reason: .noBufferSpace)) }
            throw .refused(failures)
        }
    }
}

extension RulesetError {
    init(_ error: Errno, step: String) {
        self =
            error == .notPermitted
            ? .notPermitted : .channel(step: step, reason: KernelReason(rawValue: error.rawValue))
    }
}
