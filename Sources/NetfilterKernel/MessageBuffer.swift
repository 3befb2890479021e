internal import CNetfilter

/// A growing run of netlink messages, each of them aligned.
///
/// The memory is kept from one batch to the next, because nearly every batch is small, and given back after a
/// large one.
@safe struct MessageBuffer: ~Copyable {
    /// What is kept while nothing is sent.
    private static let restingBytes = 256 * 1024

    private(set) var base: UnsafeMutableRawPointer
    private(set) var capacity: Int

    /// The bytes of all finished messages.
    private(set) var count = 0

    init() {
        capacity = Self.restingBytes
        unsafe base = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { unsafe base.deallocate() }

    /// Forgets all messages, and gives back what a large batch needed.
    mutating func removeAll() {
        count = 0
        if capacity > Self.restingBytes {
            unsafe base.deallocate()
            capacity = Self.restingBytes
            unsafe base = .allocate(byteCount: capacity, alignment: 16)
        }
    }

    /// Makes room for a message and returns where it starts; its memory is uninitialised.
    mutating func room(for bytes: Int) -> UnsafeMutableRawPointer {
        if count + bytes > capacity {
            capacity = max(capacity * 2, count + bytes)
            let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
            unsafe larger.copyMemory(from: base, byteCount: count)
            unsafe base.deallocate()
            unsafe base = larger
        }
        return unsafe base + count
    }

    /// Ends the message that was written where `room(for:)` pointed.
    mutating func finishMessage() {
        // The header's first field is the message's length (struct nlmsghdr).
        let length = unsafe base.load(fromByteOffset: count, as: UInt32.self)
        count += (Int(length) + 3) & ~3
    }
}
