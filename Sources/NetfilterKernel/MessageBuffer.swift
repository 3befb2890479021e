internal import CNetfilter
private import Glibc

/// A growing run of netlink messages, each of them aligned.
///
/// The memory is kept from one batch to the next, because nearly every batch is small, and given back to the system
/// after a large one. It is mapped, not allocated: the allocator would keep tens of megabytes for later.
@safe struct MessageBuffer: ~Copyable {
    /// What is kept while nothing is sent.
    private static let restingBytes = 256 * 1024

    // A mapping of `capacity` bytes, unmapped by whoever replaces it and in deinit.
    private(set) var base: UnsafeMutableRawPointer
    private(set) var capacity: Int

    /// The bytes of all finished messages.
    private(set) var count = 0

    /// The room of the message that is being written.
    private var roomBytes = 0

    init() {
        capacity = Self.restingBytes
        unsafe base = Self.mapped(capacity)
    }

    deinit { unsafe munmap(base, capacity) }

    /// Forgets all messages, and gives back what a large batch needed.
    mutating func removeAll() {
        count = 0
        if capacity > Self.restingBytes { replace(by: Self.restingBytes) }
    }

    /// Makes room for all the messages that are expected, so that none has to move; memory is taken as it is written.
    mutating func reserve(_ bytes: Int) {
        if bytes > capacity { replace(by: bytes) }
    }

    /// Makes room for a message and returns where it starts; its memory may hold an earlier one.
    mutating func room(for bytes: Int) -> UnsafeMutableRawPointer {
        if count + bytes > capacity { replace(by: max(capacity * 2, count + bytes)) }
        roomBytes = bytes
        return unsafe base + count
    }

    /// Ends the message that was written where `room(for:)` pointed.
    mutating func finishMessage() {
        // The header's first field is the message's length (struct nlmsghdr).
        let length = unsafe base.load(fromByteOffset: count, as: UInt32.self)
        // Whoever wrote it did not look at the end: what has been overwritten is unknown then.
        precondition(length <= roomBytes, "a netlink message of \(length) bytes in a room for \(roomBytes)")
        count += (Int(length) + 3) & ~3
    }

    /// Moves the finished messages into a mapping of another size, which has room for them.
    private mutating func replace(by bytes: Int) {
        let replacement = unsafe Self.mapped(bytes)
        // Both mappings are at least as long as the messages.
        unsafe replacement.copyMemory(from: base, byteCount: count)
        unsafe munmap(base, capacity)
        unsafe base = replacement
        capacity = bytes
    }

    private static func mapped(_ bytes: Int) -> UnsafeMutableRawPointer {
        let mapping = unsafe mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else {
            fatalError("out of memory for \(bytes) bytes of netlink messages")
        }
        return unsafe mapping
    }
}
