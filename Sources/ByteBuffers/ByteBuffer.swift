private import Glibc

/// Bytes that engines append to and take from the front of: the currency of everything that is read and written.
///
/// The bytes lie in one piece:
///
/// ```
///  |  free before  |  readable bytes  |  writable bytes  |
///  0            start                end             capacity
/// ```
///
/// Appending copies in bulk and grows the storage when it must; nothing is zeroed first. `removeAll` keeps the storage.
/// It has one owner, who alone has the storage, so that it can be handed to another thread.
@safe
package struct ByteBuffer: ~Copyable, @unchecked Sendable {
    // The storage, of which `capacity` bytes are allocated and those of start..<end hold something.
    @usableFromInline
    var base: UnsafeMutableRawPointer
    @usableFromInline
    var start: Int
    @usableFromInline
    var end: Int

    @usableFromInline
    var storageCount: Int

    /// How many bytes fit without new storage, counted from the very front.
    package var capacity: Int { storageCount }

    /// Creates an empty buffer with room for some bytes.
    package init(capacity: Int = 0) {
        storageCount = max(capacity, 16)
        // Freed in deinit; malloc's memory need not be initialised for bytes that were never appended.
        unsafe base = Self.allocate(storageCount)
        start = 0
        end = 0
    }

    deinit { unsafe free(base) }

    private static func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        guard let memory = unsafe malloc(count) else { fatalError("out of memory: \(count) bytes for a buffer") }
        return unsafe memory
    }

    /// The number of readable bytes.
    @inlinable
    package var count: Int { end - start }

    /// Whether there is nothing to read.
    @inlinable
    package var isEmpty: Bool { end == start }

    /// The readable bytes.
    @inlinable
    package var bytes: Span<UInt8> {
        @_lifetime(borrow self)
        borrowing get {
            // start..<end holds bytes that were appended, and a mutation of self ends the borrow.
            let pointer = unsafe base.assumingMemoryBound(to: UInt8.self).advanced(by: start)
            let span = unsafe Span<UInt8>(_unsafeStart: UnsafePointer(pointer), count: end - start)
            return unsafe _overrideLifetime(span, borrowing: self)
        }
    }

    /// Forgets all bytes, and leaves some room before those to come.
    @inlinable
    package mutating func removeAll(headroom: Int = 0) {
        if headroom > storageCount { grow(to: headroom) }
        start = headroom
        end = headroom
    }

    /// Forgets the first bytes.
    @inlinable
    package mutating func removeFirst(_ count: Int) {
        precondition(count >= 0 && count <= end - start, "more bytes to remove than there are")
        start += count
        if start == end {
            start = 0
            end = 0
        }
    }

    /// Forgets the bytes behind the first `count`.
    @inlinable
    package mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= end - start, "more bytes to keep than there are")
        end = start + count
    }

    /// Makes sure that so many bytes can be appended without new storage.
    @inlinable
    package mutating func reserve(_ count: Int) {
        if storageCount - end < count { makeRoom(for: count) }
    }

    @inline(never)
    @usableFromInline
    mutating func makeRoom(for count: Int) {
        let held = end - start
        if start >= count, held <= start {
            // Moving to the front is enough, and the two places do not overlap.
            unsafe memcpy(base, base + start, held)
            start = 0
            end = held
        } else {
            grow(to: max(end + count, storageCount * 2))
        }
    }

    @usableFromInline
    mutating func grow(to wanted: Int) {
        let memory = unsafe Self.allocate(wanted)
        // Offsets stay the same; the new storage is larger than `end`.
        unsafe memcpy(memory + start, base + start, end - start)
        unsafe free(base)
        unsafe base = memory
        storageCount = wanted
    }

    /// Appends one byte.
    @inlinable
    package mutating func append(_ byte: UInt8) {
        reserve(1)
        // reserve made room for it.
        unsafe base.storeBytes(of: byte, toByteOffset: end, as: UInt8.self)
        end += 1
    }

    /// Appends bytes that lie elsewhere.
    @inlinable
    package mutating func append(_ span: borrowing Span<UInt8>) {
        let count = span.count
        reserve(count)
        let (base, end) = unsafe (base, end)
        // reserve made room for them, and a borrowed span cannot lie in this buffer, which is being mutated.
        unsafe span.withUnsafeBytes { source in
            if let address = source.baseAddress { unsafe (base + end).copyMemory(from: address, byteCount: count) }
        }
        self.end += count
    }

    /// Appends a part of bytes that lie elsewhere.
    @inlinable
    package mutating func append(_ span: borrowing Span<UInt8>, from offset: Int, count: Int) {
        append(span.extracting(offset..<(offset + count)))
    }

    /// Appends a literal.
    @inlinable
    package mutating func append(_ text: StaticString) {
        let count = text.utf8CodeUnitCount
        reserve(count)
        // A static string that has a pointer lives as long as the program, with as many bytes as it says.
        unsafe (base + end).copyMemory(from: text.utf8Start, byteCount: count)
        end += count
    }

    /// Appends an array of bytes.
    package mutating func append(_ array: [UInt8]) { append(array.span) }

    /// Appends the UTF-8 form of a string; not for hot paths.
    package mutating func append(text: some StringProtocol) { append(Array(text.utf8).span) }

    /// Appends a number in decimal digits.
    package mutating func append(decimal number: Int64) {
        reserve(20)
        if number < 0 { append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        var digits = 1
        var limit: UInt64 = 10
        while digits < 20, rest >= limit {
            digits += 1
            let (product, overflow) = limit.multipliedReportingOverflow(by: 10)
            if overflow { break }
            limit = product
        }
        var position = end + digits
        end = position
        repeat {
            position -= 1
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            // There is room for twenty digits, and position counts down as many as were found.
            unsafe base.storeBytes(of: UInt8(ascii: "0") + UInt8(digit), toByteOffset: position, as: UInt8.self)
            rest = quotient
            digits -= 1
        } while digits > 0
    }

    /// Appends a number in lower-case hexadecimal digits, without leading zeros.
    package mutating func append(hexadecimal number: UInt64) {
        var shift = max(0, (63 - number.leadingZeroBitCount) / 4 * 4)
        while true {
            append(hexDigit: UInt8(number >> UInt64(shift) & 15))
            if shift == 0 { break }
            shift -= 4
        }
    }

    private mutating func append(hexDigit value: UInt8) {
        append(value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value)
    }

    /// Puts bytes before those that are there; the headroom must hold them.
    ///
    /// - Parameter span: The bytes, which end where the present ones begin.
    /// - Returns: Whether there was room.
    @inlinable
    package mutating func prepend(_ span: borrowing Span<UInt8>) -> Bool {
        let count = span.count
        guard count <= start else { return false }
        let target = unsafe base + (start - count)
        // There is room between the front of the storage and start.
        unsafe span.withUnsafeBytes { source in
            if let address = source.baseAddress { unsafe target.copyMemory(from: address, byteCount: count) }
        }
        start -= count
        return true
    }

    /// Lends room behind the bytes to somebody who fills it from the front and says how much.
    ///
    /// - Parameters:
    ///   - count: The least number of bytes that the room has.
    ///   - fill: Fills the room; returns how many bytes it wrote, or a negative number for none.
    /// - Returns: What `fill` returned.
    @unsafe
    package mutating func fill(upTo count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        reserve(count)
        // The room is ours, and as large as the buffer pointer says.
        let written = unsafe fill(UnsafeMutableRawBufferPointer(start: base + end, count: count))
        precondition(written <= count, "more bytes written than there was room for")
        if written > 0 { end += written }
        return written
    }

    /// The readable bytes as a pointer, for system calls; it is valid until the next mutation.
    @unsafe
    package var pointer: UnsafeRawPointer { unsafe UnsafeRawPointer(base + start) }

    /// Gives back storage beyond `wanted` bytes; the bytes stay.
    package mutating func shrink(to wanted: Int) {
        let held = end - start
        let size = max(wanted, held, 16)
        guard size < storageCount else { return }
        let memory = unsafe Self.allocate(size)
        // The new storage holds at least the bytes that are held.
        unsafe memcpy(memory, base + start, held)
        unsafe free(base)
        unsafe base = memory
        storageCount = size
        start = 0
        end = held
    }
}
