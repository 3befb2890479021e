internal import CNetfilter
internal import LinuxSystem
package import Nftables

/// A transaction that is encoded and only has to be sent: what a bench compares everything else with.
package struct PreparedBatch: ~Copyable {
    fileprivate var encoder: BatchEncoder

    /// How long the messages are.
    package var byteCount: Int { encoder.messages.count }
}

extension KernelRuleset {
    /// Encodes a transaction for `send`.
    ///
    /// - Parameters:
    ///   - transaction: The changes.
    ///   - expected: The generation that the kernel must be at, or nil for any.
    /// - Returns: The batch.
    /// - Throws: `refused` with what cannot be encoded.
    package func prepare(
        _ transaction: Transaction,
        expecting expected: UInt32? = nil
    ) throws(RulesetError) -> PreparedBatch {
        let unencodable = transaction.unencodableParts
        guard unencodable.isEmpty else { throw .refused(unencodable) }
        var batch = PreparedBatch(encoder: BatchEncoder())
        let first = takeSequences(0)
        batch.encoder.encode(transaction, firstSequence: first, generation: expected)
        _ = takeSequences(batch.encoder.parts.count + 2)
        return batch
    }

    /// Sends a batch, and returns when the kernel has acknowledged it.
    ///
    /// - Parameter batch: The batch, of this ruleset; each may be sent once.
    /// - Throws: `generationChanged`, or `refused` with the operations that the kernel refused.
    package func send(_ batch: inout PreparedBatch) throws(RulesetError) {
        // Answers are told apart by what the ruleset's own encoder holds.
        swap(&encoder, &batch.encoder)
        defer { swap(&encoder, &batch.encoder) }
        try sendBatch()
    }
}
