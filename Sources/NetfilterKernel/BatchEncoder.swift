internal import CNetfilter
internal import Nftables

/// Encodes a transaction as one netlink batch, and remembers which message says what.
struct BatchEncoder: ~Copyable {
    /// Where a message of the batch came from.
    struct Part {
        /// The index of the operation in the transaction.
        let operation: Int
        /// The index, in the operation, of the first element in the message.
        let firstElement: Int
        /// Where the message starts in the batch.
        let offset: Int
    }

    /// The most that one message of a table, chain, rule or set can take: names are at most 127 bytes, and a rule
    /// has a handful of expressions.
    static let objectBytesMax = 16 * 1024

    private(set) var messages = MessageBuffer()

    /// The messages between the begin and the end of the batch.
    ///
    /// The first has the sequence number `firstSequence`.
    private(set) var parts: [Part] = []

    /// The sequence number of the begin, which errors of the commit itself carry.
    private(set) var beginSequence: UInt32 = 0

    private var sequence: UInt32 = 0
    private var setIdentifier: UInt32 = 0

    /// The sequence number of the last message before the end, which asks for an acknowledgement.
    var lastSequence: UInt32 { beginSequence &+ UInt32(parts.count) }

    /// Returns the part with a sequence number, if it is one of the batch.
    func part(sequence: UInt32) -> Part? {
        let index = Int(sequence &- beginSequence) - 1
        return parts.indices.contains(index) ? parts[index] : nil
    }

    /// Encodes a transaction in place of the one before.
    ///
    /// - Parameters:
    ///   - transaction: What to encode; not empty.
    ///   - firstSequence: A sequence number that no earlier message of the socket had, nor the ones that follow it.
    ///   - generation: The generation that the kernel must be at, or nil for any.
    mutating func encode(_ transaction: Transaction, firstSequence: UInt32, generation: UInt32?) {
        start(firstSequence: firstSequence, generation: generation)
        for (index, operation) in transaction.operations.enumerated() { append(operation, at: index) }
        finish()
    }

    /// Starts a batch in place of the one before; messages are appended then, and `finish()` ends it.
    mutating func start(firstSequence: UInt32, generation: UInt32?) {
        messages.removeAll()
        parts.removeAll(keepingCapacity: true)
        beginSequence = firstSequence
        sequence = firstSequence
        begin(expecting: generation)
    }

    /// Ends the batch, and asks for an acknowledgement.
    mutating func finish() {
        acknowledgeLastMessage()
        end()
    }

    /// Gives back what a large batch needed; the batch is gone then.
    mutating func releaseLargeBatch() { messages.removeAll() }

    /// Returns which element of an operation an attribute belongs to, if it belongs to one.
    ///
    /// - Parameters:
    ///   - offset: Where the attribute starts, from the start of the message.
    ///   - part: The message, which must be one of the batch that was encoded last.
    /// - Returns: The index of the element in its operation, or nil.
    func element(at offset: Int, in part: Part) -> Int? {
        let message = unsafe messages.base + part.offset
        let length = Int(unsafe message.load(as: UInt32.self))
        // The headers of netlink and of nf_tables come first.
        let headerBytes = 16 + 4
        guard length > headerBytes else { return nil }
        let attributes = unsafe Attributes(
            UnsafeRawBufferPointer(start: message + headerBytes, count: length - headerBytes)
        )
        guard let list = attributes.first(NFTA_SET_ELEM_LIST_ELEMENTS) else { return nil }
        let first = headerBytes + list.offset + 4
        let index = list.nested.prefix { first + $0.end <= offset }.count
        return offset < first ? nil : part.firstElement + index
    }

    /// Encodes a request for a listing in place of the batch before.
    mutating func encodeRequest(
        _ type: UInt16,
        family: UInt8,
        flags: UInt16,
        sequence: UInt32,
        table: String?,
        set: String?
    ) {
        messages.removeAll()
        parts.removeAll(keepingCapacity: true)
        let room = unsafe messages.room(for: Self.objectBytesMax).assumingMemoryBound(to: CChar.self)
        guard let header = unsafe nftnl_nlmsg_build_hdr(room, type, UInt16(family), flags, sequence) else { return }
        // In requests of every type the table's name has the number 1, and the set's name 2.
        if let table { unsafe mnl_attr_put_strz(header, UInt16(NFTA_SET_ELEM_LIST_TABLE.rawValue), table) }
        if let set { unsafe mnl_attr_put_strz(header, UInt16(NFTA_SET_ELEM_LIST_SET.rawValue), set) }
        messages.finishMessage()
    }

    // MARK: - Begin and end

    private mutating func begin(expecting generation: UInt32?) {
        let room = unsafe messages.room(for: Self.objectBytesMax)
        guard let header = unsafe nftnl_batch_begin(room.assumingMemoryBound(to: CChar.self), sequence) else { return }
        if let generation {
            unsafe mnl_attr_put_u32(header, UInt16(NFNL_BATCH_GENID.rawValue), generation.bigEndian)
        }
        messages.finishMessage()
    }

    private mutating func end() {
        sequence &+= 1
        let room = unsafe messages.room(for: Self.objectBytesMax)
        _ = unsafe nftnl_batch_end(room.assumingMemoryBound(to: CChar.self), sequence)
        messages.finishMessage()
    }

    private mutating func acknowledgeLastMessage() {
        guard let last = parts.last else { return }
        let flags = unsafe messages.base + last.offset + 6  // nlmsg_flags of struct nlmsghdr
        let value = unsafe flags.load(as: UInt16.self) | MessageFlags.acknowledge
        unsafe flags.storeBytes(of: value, as: UInt16.self)
    }

    // MARK: - Operations

    mutating func append(_ operation: Operation, at index: Int) {
        switch operation {
        case .addTable(let table):
            appendTable(table, type: MessageType.newTable, flags: MessageFlags.create, at: index)
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

    /// Appends a message whose payload a closure writes behind the header.
    mutating func appendMessage(
        _ table: Table,
        type: UInt16,
        flags: UInt16,
        at operation: Int,
        firstElement: Int = 0,
        roomFor bytes: Int = objectBytesMax,
        payload: (UnsafeMutablePointer<nlmsghdr>) -> Void
    ) {
        sequence &+= 1
        parts.append(Part(operation: operation, firstElement: firstElement, offset: messages.count))
        let room = unsafe messages.room(for: bytes).assumingMemoryBound(to: CChar.self)
        let family = UInt16(table.family.protocolFamily)
        guard let header = unsafe nftnl_nlmsg_build_hdr(room, type, family, flags, sequence) else { return }
        unsafe payload(header)
        messages.finishMessage()
    }

    private mutating func appendTable(_ table: Table, type: UInt16, flags: UInt16, at index: Int) {
        let object = unsafe allocated(nftnl_table_alloc())
        defer { unsafe nftnl_table_free(object) }
        unsafe nftnl_table_set_str(object, UInt16(NFTNL_TABLE_NAME.rawValue), table.name)
        unsafe appendMessage(table, type: type, flags: flags, at: index) {
            unsafe nftnl_table_nlmsg_build_payload($0, object)
        }
    }

    private mutating func appendChain(_ table: Table, _ chain: Chain, type: UInt16, flags: UInt16, at index: Int) {
        let object = unsafe allocated(nftnl_chain_alloc())
        defer { unsafe nftnl_chain_free(object) }
        unsafe nftnl_chain_set_str(object, UInt16(NFTNL_CHAIN_TABLE.rawValue), table.name)
        unsafe nftnl_chain_set_str(object, UInt16(NFTNL_CHAIN_NAME.rawValue), chain.name)
        if let base = chain.base {
            unsafe nftnl_chain_set_str(object, UInt16(NFTNL_CHAIN_TYPE.rawValue), base.type.rawValue)
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
        unsafe nftnl_rule_set_str(object, UInt16(NFTNL_RULE_TABLE.rawValue), table.name)
        if let chain { unsafe nftnl_rule_set_str(object, UInt16(NFTNL_RULE_CHAIN.rawValue), chain) }
        if let rule { unsafe RuleEncoding.append(rule.statements, to: object, family: table.family) }
        if let comment = rule?.comment {
            let data = commentUserdata(comment)
            unsafe nftnl_rule_set_data(object, UInt16(NFTNL_RULE_USERDATA.rawValue), data, UInt32(data.count))
        }
        unsafe appendMessage(table, type: type, flags: flags, at: index) {
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
        _ = unsafe nftnl_set_set_str(object, UInt16(NFTNL_SET_TABLE.rawValue), table.name)
        _ = unsafe nftnl_set_set_str(object, UInt16(NFTNL_SET_NAME.rawValue), set.name)
        // The kernel wants a number by which the batch could refer to the set; we refer to it by name.
        setIdentifier &+= 1
        put(NFTNL_SET_ID, setIdentifier)
        put(NFTNL_SET_KEY_TYPE, set.key.nftIdentifier)
        put(NFTNL_SET_KEY_LEN, UInt32(set.key.kernelLength))
        switch set.content {
        case .members:
            put(NFTNL_SET_FLAGS, 0)
        case .fields(let types):
            put(NFTNL_SET_FLAGS, UInt32(NFT_SET_MAP.rawValue))
            put(NFTNL_SET_DATA_TYPE, types.nftIdentifier)
            put(NFTNL_SET_DATA_LEN, UInt32(types.kernelLength))
        case .verdicts:
            put(NFTNL_SET_FLAGS, UInt32(NFT_SET_MAP.rawValue))
            put(NFTNL_SET_DATA_TYPE, verdictDataType)
            put(NFTNL_SET_DATA_LEN, 0)
        }
        unsafe appendMessage(table, type: MessageType.newSet, flags: MessageFlags.create, at: index) {
            unsafe nftnl_set_nlmsg_build_payload($0, object)
        }
    }

    private mutating func appendSetDeletion(_ table: Table, _ name: String, at index: Int) {
        let object = unsafe allocated(nftnl_set_alloc())
        defer { unsafe nftnl_set_free(object) }
        _ = unsafe nftnl_set_set_str(object, UInt16(NFTNL_SET_TABLE.rawValue), table.name)
        _ = unsafe nftnl_set_set_str(object, UInt16(NFTNL_SET_NAME.rawValue), name)
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

/// A comment as nft keeps it in userdata: type 0, the length, the text and its NUL.
func commentUserdata(_ comment: String) -> [UInt8] {
    let text = Array(comment.utf8.prefix(254)) + [0]
    return [0, UInt8(text.count)] + text
}

/// Returns what a C function allocated; nothing can be done without it.
private func allocated(_ object: OpaquePointer?) -> OpaquePointer {
    guard let object = unsafe object else { fatalError("out of memory for an nftables object") }
    return unsafe object
}
