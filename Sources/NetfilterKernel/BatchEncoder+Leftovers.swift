internal import CNetfilter
internal import Nftables

extension BatchEncoder {
    /// Encodes a removal in place of the batch before; the parts count its jumps, then its chains, then its tables.
    mutating func encode(_ removal: LeftoverRemoval, firstSequence: UInt32, generation: UInt32) {
        start(firstSequence: firstSequence, generation: generation)
        var index = 0
        for (rule, table) in removal.jumps {
            appendRuleDeletion(table, chain: rule.chain, handle: rule.handle, at: index)
            index += 1
        }
        // Every chain is emptied before the first one goes: they lead to one another.
        for (offset, chain) in removal.chains.enumerated() {
            appendRuleDeletion(chain.table, chain: chain.name, handle: nil, at: index + offset)
        }
        for (name, table) in removal.chains {
            append(.deleteChain(table, name: name), at: index)
            index += 1
        }
        for table in removal.tables {
            append(.deleteTable(table), at: index)
            index += 1
        }
        finish()
    }

    /// Appends the deletion of one rule, or of all rules of a chain.
    private mutating func appendRuleDeletion(_ table: Table, chain: String, handle: UInt64?, at index: Int) {
        unsafe appendMessage(table, type: MessageType.deleteRules, flags: 0, at: index) { header in
            unsafe mnl_attr_put_strz(header, UInt16(NFTA_RULE_TABLE.rawValue), table.name)
            unsafe mnl_attr_put_strz(header, UInt16(NFTA_RULE_CHAIN.rawValue), chain)
            if let handle {
                unsafe mnl_attr_put_u64(header, UInt16(NFTA_RULE_HANDLE.rawValue), handle.bigEndian)
            }
        }
    }
}
