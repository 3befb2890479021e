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
///
/// It is public, and not for the package alone, since the compiler (6.3) inlines nothing else into other modules.
@safe
public struct ByteBuffer: ~Copyable, @unchecked Sendable {
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
    public var capacity: Int { storageCount }

    /// Creates an empty buffer with room for some bytes.
    public init(capacity: Int = 0) {
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
    public var count: Int { end - start }

    /// Whether there is nothing to read.
    @inlinable
    public var isEmpty: Bool { end == start }

    /// The readable bytes.
    @inlinable
    public var bytes: Span<UInt8> {
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
    public mutating func removeAll(headroom: Int = 0) {
        if headroom > storageCount { grow(to: headroom) }
        start = headroom
        end = headroom
    }

    /// Forgets the first bytes.
    @inlinable
    public mutating func removeFirst(_ count: Int) {
        precondition(count >= 0 && count <= end - start, "more bytes to remove than there are")
        start += count
        if start == end {
            start = 0
            end = 0
        }
    }

    /// Forgets the bytes behind the first `count`.
    @inlinable
    public mutating func truncate(to count: Int) {
        precondition(count >= 0 && count <= end - start, "more bytes to keep than there are")
        end = start + count
    }

    /// Makes sure that so many bytes can be appended without new storage.
    @inlinable
    @inline(__always)
    public mutating func reserve(_ count: Int) {
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
    @inline(__always)
    public mutating func append(_ byte: UInt8) {
        reserve(1)
        // reserve made room for it.
        unsafe base.storeBytes(of: byte, toByteOffset: end, as: UInt8.self)
        end += 1
    }

    /// Appends bytes that lie elsewhere.
    @inlinable
    @inline(__always)
    public mutating func append(_ span: borrowing Span<UInt8>) {
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
    public mutating func append(_ span: borrowing Span<UInt8>, from offset: Int, count: Int) {
        append(span.extracting(offset..<(offset + count)))
    }

    /// Appends a part of the readable bytes once more.
    ///
    /// - Parameters:
    ///   - offset: Where the part begins, counted from the first readable byte.
    ///   - count: How many bytes it has.
    @inlinable
    public mutating func append(repeating offset: Int, count: Int) {
        precondition(offset >= 0 && count >= 0 && offset + count <= end - start, "more bytes to repeat than there are")
        reserve(count)
        // reserve may have moved all; the part lies before end, and the room for its copy behind it.
        unsafe (base + end).copyMemory(from: base + (start + offset), byteCount: count)
        end += count
    }

    /// Appends a literal.
    ///
    /// Inlined wherever it stands, so that a literal becomes a few stores of known size.
    @inlinable
    @inline(__always)
    public mutating func append(_ text: StaticString) {
        let count = text.utf8CodeUnitCount
        reserve(count)
        // A static string that has a pointer lives as long as the program, with as many bytes as it says.
        unsafe (base + end).copyMemory(from: text.utf8Start, byteCount: count)
        end += count
    }

    /// Appends an array of bytes.
    public mutating func append(_ array: [UInt8]) { append(array.span) }

    /// Appends the UTF-8 form of a string; not for hot paths.
    public mutating func append(text: some StringProtocol) { append(Array(text.utf8).span) }

    /// Appends a number in decimal digits.
    public mutating func append(decimal number: Int64) {
        // Most numbers are parts of addresses, states and short times.
        if number >= 0, number < 1000 { return append(short: UInt32(truncatingIfNeeded: number)) }
        reserve(20)
        if number < 0 { append(UInt8(ascii: "-")) }
        var rest = number.magnitude
        let digits = Self.decimalDigits(of: rest)
        var position = end + digits
        end = position
        while rest >= 10 {
            position -= 1
            let quotient = rest / 10
            // There is room for twenty digits, and position counts down as many as the number has.
            unsafe base.storeBytes(of: Self.digit(rest - quotient * 10), toByteOffset: position, as: UInt8.self)
            rest = quotient
        }
        // The first digit is what is left, one place before the last that was written.
        unsafe base.storeBytes(of: Self.digit(rest), toByteOffset: position - 1, as: UInt8.self)
    }

    /// Appends a number below 1000.
    @inline(__always)
    private mutating func append(short number: UInt32) {
        reserve(3)
        // reserve made room for three digits.
        var position = end
        if number >= 10 {
            let tens = number / 10
            if number >= 100 {
                unsafe base.storeBytes(of: Self.digit(UInt64(tens / 10)), toByteOffset: position, as: UInt8.self)
                position += 1
            }
            unsafe base.storeBytes(of: Self.digit(UInt64(tens % 10)), toByteOffset: position, as: UInt8.self)
            position += 1
        }
        unsafe base.storeBytes(of: Self.digit(UInt64(number % 10)), toByteOffset: position, as: UInt8.self)
        end = position + 1
    }

    @inline(__always)
    private static func digit(_ value: UInt64) -> UInt8 { UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value) }

    @inline(__always)
    private static func decimalDigits(of number: UInt64) -> Int {
        var digits = 3
        var limit: UInt64 = 1000
        while number >= limit {
            digits += 1
            let (product, overflow) = limit.multipliedReportingOverflow(by: 10)
            if overflow { break }
            limit = product
        }
        // Only negative numbers come here that are so short.
        if number < 100 { digits = number < 10 ? 1 : 2 }
        return digits
    }

    /// Appends the bytes of a number, the most significant first.
    @inlinable
    @inline(__always)
    public mutating func append(bigEndian number: UInt64) {
        reserve(8)
        // reserve made room for them.
        unsafe base.storeBytes(of: number.bigEndian, toByteOffset: end, as: UInt64.self)
        end += 8
    }

    /// Appends a number in lower-case hexadecimal digits, without leading zeros.
    public mutating func append(hexadecimal number: UInt64) {
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
    public mutating func prepend(_ span: borrowing Span<UInt8>) -> Bool {
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
    public mutating func fill(upTo count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        reserve(count)
        // The room is ours, and as large as the buffer pointer says.
        let written = unsafe fill(UnsafeMutableRawBufferPointer(start: base + end, count: count))
        precondition(written <= count, "more bytes written than there was room for")
        if written > 0 { end += written }
        return written
    }

    /// The readable bytes as a pointer, for system calls; it is valid until the next mutation.
    @unsafe
    public var pointer: UnsafeRawPointer { unsafe UnsafeRawPointer(base + start) }

    /// Gives back storage beyond `wanted` bytes; the bytes stay.
    public mutating func shrink(to wanted: Int) {
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
