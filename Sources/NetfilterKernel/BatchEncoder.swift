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

    /// The most that one message of a table, chain or set can take, or one of a rule without its expressions: two
    /// names of 256 bytes each, a comment, and some numbers.
    static let objectBytesMax = 2048

    /// The most parts whose memory is kept while nothing is sent.
    private static let restingPartsMax = 1024

    private(set) var messages = MessageBuffer()

    /// The messages between the begin and the end of the batch.
    ///
    /// The first has the sequence number `firstSequence`.
    private(set) var parts: [Part] = []

    /// The sequence number of the begin, which errors of the commit itself carry.
    private(set) var beginSequence: UInt32 = 0

    private var sequence: UInt32 = 0
    var setIdentifier: UInt32 = 0

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
    ///   - transaction: What to encode, without `unencodableParts`.
    ///   - firstSequence: A sequence number that no earlier message of the socket had, nor the ones that follow it.
    ///   - generation: The generation that the kernel must be at, or nil for any.
    mutating func encode(_ transaction: Transaction, firstSequence: UInt32, generation: UInt32?) {
        start(
            firstSequence: firstSequence,
            generation: generation,
            elementBytes: transaction.elementCount * ElementEncoding.usualElementBytes
        )
        for (index, operation) in transaction.operations.enumerated() { append(operation, at: index) }
        finish()
    }

    /// Starts a batch in place of the one before; messages are appended then, and `finish()` ends it.
    mutating func start(firstSequence: UInt32, generation: UInt32?, elementBytes: Int = 0) {
        messages.removeAll()
        messages.reserve(elementBytes)
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
    mutating func releaseLargeBatch() {
        messages.removeAll()
        parts.removeAll(keepingCapacity: parts.count <= Self.restingPartsMax)
    }

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
}
