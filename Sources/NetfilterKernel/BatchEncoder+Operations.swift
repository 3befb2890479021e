internal import CNetfilter
internal import Nftables

extension BatchEncoder {
    /// Appends the messages of an operation.
    mutating func append(_ operation: Operation, at index: Int) {
        switch operation {
        case .addTable(let table):
            // Flags of zero wake up a table that somebody made dormant, and whose chains see no packet.
            appendTable(table, settingFlags: 0, type: MessageType.newTable, flags: MessageFlags.create, at: index)
        case .deleteTable(let table):
            appendTable(table, type: MessageType.deleteTable, flags: 0, at: index)
        case .addChain(let table, let chain):
            appendChain(table, chain, type: MessageType.newChain, flags: MessageFlags.create, at: index)
        case .deleteChain(let table, let name):
            // Without the flag the kernel would delete the chain's rules along with it.
            let flags = MessageFlags.nonRecursive
            appendChain(table, Chain(name), type: MessageType.deleteChain, flags: flags, at: index)
        case .flushRules(let table):
            appendRule(table, chain: nil, nil, type: MessageType.deleteRules, flags: 0, at: index)
        case .addRule(let table, let chain, let rule):
            let flags = MessageFlags.create | MessageFlags.append
            appendRule(table, chain: chain, rule, type: MessageType.newRule, flags: flags, at: index)
        case .addSet(let table, let set):
            appendSet(table, set, at: index)
        case .deleteSet(let table, let name):
            appendSetDeletion(table, name, at: index)
        case .flushSet(let table, let name):
            appendElements(table, name, [], type: MessageType.deleteElements, flags: 0, at: index)
        case .addElements(let table, let set, let elements):
            guard !elements.isEmpty else { return }
            let flags = MessageFlags.create
            appendElements(table, set, elements, type: MessageType.newElements, flags: flags, at: index)
        case .deleteElements(let table, let set, let elements):
            // A message without elements would delete them all.
            guard !elements.isEmpty else { return }
            appendElements(table, set, elements, type: MessageType.deleteElements, flags: 0, at: index)
        }
    }

    private mutating func appendTable(
        _ table: Table,
        settingFlags tableFlags: UInt32? = nil,
        type: UInt16,
        flags: UInt16,
        at index: Int
    ) {
        let object = unsafe allocated(nftnl_table_alloc())
        defer { unsafe nftnl_table_free(object) }
        // Without a name the kernel would delete every table of the family.
        unsafe requireCopied(nftnl_table_set_str(object, UInt16(NFTNL_TABLE_NAME.rawValue), table.name))
        if let tableFlags { unsafe nftnl_table_set_u32(object, UInt16(NFTNL_TABLE_FLAGS.rawValue), tableFlags) }
        unsafe appendMessage(table, type: type, flags: flags, at: index) {
            unsafe nftnl_table_nlmsg_build_payload($0, object)
        }
    }

    private mutating func appendChain(_ table: Table, _ chain: Chain, type: UInt16, flags: UInt16, at index: Int) {
        let object = unsafe allocated(nftnl_chain_alloc())
        defer { unsafe nftnl_chain_free(object) }
        unsafe requireCopied(nftnl_chain_set_str(object, UInt16(NFTNL_CHAIN_TABLE.rawValue), table.name))
        unsafe requireCopied(nftnl_chain_set_str(object, UInt16(NFTNL_CHAIN_NAME.rawValue), chain.name))
        if let base = chain.base {
            unsafe requireCopied(
                nftnl_chain_set_str(object, UInt16(NFTNL_CHAIN_TYPE.rawValue), base.type.rawValue)
            )
            unsafe nftnl_chain_set_u32(object, UInt16(NFTNL_CHAIN_HOOKNUM.rawValue), base.hook.rawValue)
            unsafe nftnl_chain_set_s32(object, UInt16(NFTNL_CHAIN_PRIO.rawValue), base.priority)
        }
        unsafe appendMessage(table, type: type, flags: flags, at: index) {
            unsafe nftnl_chain_nlmsg_build_payload($0, object)
        }
    }

    private mutating func appendRule(
        _ table: Table,
        chain: String?,
        _ rule: Rule?,
        type: UInt16,
        flags: UInt16,
        at index: Int
    ) {
        let object = unsafe allocated(nftnl_rule_alloc())
        defer { unsafe nftnl_rule_free(object) }
        unsafe requireCopied(nftnl_rule_set_str(object, UInt16(NFTNL_RULE_TABLE.rawValue), table.name))
        if let chain { unsafe requireCopied(nftnl_rule_set_str(object, UInt16(NFTNL_RULE_CHAIN.rawValue), chain)) }
        if let rule { unsafe RuleEncoding.append(rule.statements, to: object, family: table.family) }
        if let comment = rule?.comment {
            let data = commentUserdata(comment)
            unsafe requireCopied(
                nftnl_rule_set_data(object, UInt16(NFTNL_RULE_USERDATA.rawValue), data, UInt32(data.count))
            )
        }
        let room = Self.objectBytesMax + (rule?.expressionBytesMax ?? 0)
        unsafe appendMessage(table, type: type, flags: flags, at: index, roomFor: room) {
            unsafe nftnl_rule_nlmsg_build_payload($0, object)
        }
    }

    // MARK: - Sets

    private mutating func appendSet(_ table: Table, _ set: SetDeclaration, at index: Int) {
        let object = unsafe allocated(nftnl_set_alloc())
        defer { unsafe nftnl_set_free(object) }
        func put(_ attribute: nftnl_set_attr, _ value: UInt32) {
            unsafe nftnl_set_set_u32(object, UInt16(attribute.rawValue), value)
        }
        unsafe requireCopied(nftnl_set_set_str(object, UInt16(NFTNL_SET_TABLE.rawValue), table.name))
        unsafe requireCopied(nftnl_set_set_str(object, UInt16(NFTNL_SET_NAME.rawValue), set.name))
        // The kernel wants a number by which the batch could refer to the set; we refer to it by name.
        setIdentifier &+= 1
        put(NFTNL_SET_ID, setIdentifier)
        put(NFTNL_SET_KEY_TYPE, set.key.nftIdentifier)
        put(NFTNL_SET_KEY_LEN, UInt32(set.key.kernelLength))
        put(NFTNL_SET_FLAGS, set.kernelFlags)
        switch set.form {
        case .plain: break
        case .ranges:
            // The kernel wants the width of each field of a concatenation of ranges.
            let widths = set.key.map { UInt8($0.bytes) }
            _ = unsafe nftnl_set_set_data(object, UInt16(NFTNL_SET_DESC_CONCAT.rawValue), widths, UInt32(widths.count))
        case .dynamic(let elementsMax):
            put(NFTNL_SET_DESC_SIZE, elementsMax)
        }
        switch set.content {
        case .members: break
        case .fields(let types):
            put(NFTNL_SET_DATA_TYPE, types.nftIdentifier)
            put(NFTNL_SET_DATA_LEN, UInt32(types.kernelLength))
        case .verdicts:
            put(NFTNL_SET_DATA_TYPE, verdictDataType)
            put(NFTNL_SET_DATA_LEN, 0)
        }
        if set.isTypedByExpressions {
            let userdata = TypeofUserdata(set).bytes
            unsafe requireCopied(
                nftnl_set_set_data(object, UInt16(NFTNL_SET_USERDATA.rawValue), userdata, UInt32(userdata.count))
            )
        }
        unsafe appendMessage(table, type: MessageType.newSet, flags: MessageFlags.create, at: index) {
            unsafe nftnl_set_nlmsg_build_payload($0, object)
        }
    }

    private mutating func appendSetDeletion(_ table: Table, _ name: String, at index: Int) {
        let object = unsafe allocated(nftnl_set_alloc())
        defer { unsafe nftnl_set_free(object) }
        unsafe requireCopied(nftnl_set_set_str(object, UInt16(NFTNL_SET_TABLE.rawValue), table.name))
        unsafe requireCopied(nftnl_set_set_str(object, UInt16(NFTNL_SET_NAME.rawValue), name))
        unsafe appendMessage(table, type: MessageType.deleteSet, flags: 0, at: index) {
            unsafe nftnl_set_nlmsg_build_payload($0, object)
        }
    }

    /// Appends as many messages as the elements need: a list of elements takes at most 64 KiB.
    private mutating func appendElements(
        _ table: Table,
        _ set: String,
        _ elements: [Element],
        type: UInt16,
        flags: UInt16,
        at index: Int
    ) {
        var next = 0
        repeat {
            let first = next
            unsafe appendMessage(
                table,
                type: type,
                flags: flags,
                at: index,
                firstElement: first,
                roomFor: ElementEncoding.messageBytesMax
            ) { header in
                unsafe mnl_attr_put_strz(header, UInt16(NFTA_SET_ELEM_LIST_TABLE.rawValue), table.name)
                unsafe mnl_attr_put_strz(header, UInt16(NFTA_SET_ELEM_LIST_SET.rawValue), set)
                guard !elements.isEmpty else { return }
                next = unsafe ElementEncoding.append(
                    elements,
                    from: first,
                    keysOnly: type == MessageType.deleteElements,
                    to: header
                )
            }
        } while next < elements.count
    }
}

/// The type by which nft knows verdicts (`NFT_DATA_VERDICT`).
let verdictDataType: UInt32 = 0xffff_ff00

/// A comment of at most `Element.commentBytesMax` bytes as nft keeps it in userdata: type 0, the length, the text and
/// its NUL.
func commentUserdata(_ comment: String) -> [UInt8] {
    let text = Array(comment.utf8) + [0]
    return [0, UInt8(text.count)] + text
}

/// Returns what a C function allocated; nothing can be done without it.
private func allocated(_ object: OpaquePointer?) -> OpaquePointer {
    guard let object = unsafe object else { fatalError("out of memory for an nftables object") }
    return unsafe object
}

/// Makes sure that libnftnl has copied what it was given: a message without it could mean much more.
private func requireCopied(_ result: Int32) {
    guard result == 0 else { fatalError("out of memory for an nftables object") }
}
