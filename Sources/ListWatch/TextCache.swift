/// Texts that were read a short while ago, so that equal ones share their memory.
///
/// The objects of a cluster repeat themselves: the keys of labels stand in all of them, and the name of a Service in its
/// labels, its slices and their owners. Every text beyond fifteen bytes would otherwise be a piece of memory of its own.
package struct TextCache: Sendable {
    /// Empty until the first text, and while a reader has taken the cache.
    private var texts: [String] = []

    /// Creates an empty cache.
    package init() {}

    /// Hands the cache over; an empty one stays behind.
    mutating func take() -> TextCache {
        var taken = TextCache()
        swap(&taken, &self)
        return taken
    }

    /// The text of some bytes, which is the one of before where that is remembered.
    mutating func text(_ bytes: Span<UInt8>) throws(UTF8.ValidationError) -> String {
        let count = bytes.count
        guard Self.lengths.contains(count) else { return String(copying: try UTF8Span(validating: bytes)) }
        if texts.isEmpty { texts = [String](repeating: "", count: Self.slotCount) }
        // The ends of names and keys tell them apart best.
        var hash = UInt32(truncatingIfNeeded: count)
        for index in (count - 8)..<count { hash = (hash ^ UInt32(bytes[index])) &* 16_777_619 }
        hash = (hash ^ UInt32(bytes[0])) &* 16_777_619
        let slot = Int(hash >> 16 ^ hash) & (Self.slotCount - 1)
        if Self.isEqual(texts[slot].utf8Span.span, bytes) { return texts[slot] }
        let text = String(copying: try UTF8Span(validating: bytes))
        texts[slot] = text
        return text
    }

    private static func isEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        for index in 0..<left.count where left[index] != right[index] { return false }
        return true
    }

    private static let slotCount = 1024

    /// Shorter texts need no memory of their own, and longer ones seldom come back.
    private static let lengths = 16...64
}
