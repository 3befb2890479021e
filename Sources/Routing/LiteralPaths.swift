/// Paths without patterns, found by one walk along the path of a request.
///
/// All paths lie in one hash table. The walk hashes the request's path byte by byte; where an element ends, the hash so
/// far is that of a path which may be a declared prefix. It goes no further than the longest declared path.
struct LiteralPaths: Sendable {
    /// What is declared for a path; numbers are ranks, and -1 stands for nothing.
    private struct Slot: Sendable {
        var hash: UInt64 = 0
        var start: Int32 = 0
        var count: Int32 = 0
        var exact: Int32 = -1
        var prefix: Int32 = -1

        var isFree: Bool { exact < 0 && prefix < 0 }
    }

    private var slots: [Slot]
    private var bytes: [UInt8] = []
    // A bit for the length, modulo 64, of each declared prefix.
    private var prefixLengths: UInt64 = 0
    private var longest = 0
    // The rank of the prefix that holds everything.
    private var root: Int32 = -1
    private var isEmpty = true

    /// Creates a table with room for so many paths.
    init(capacity: Int) {
        var size = 2
        while size < capacity * 2 { size *= 2 }
        slots = Array(repeating: Slot(), count: size)
    }

    /// Adds a path, unless there is one for the same requests.
    ///
    /// - Parameters:
    ///   - path: The path as declared.
    ///   - match: How it is compared; the slashes at the end of a prefix say nothing.
    ///   - rank: The number to be found.
    /// - Returns: The rank of the one that is there already, or nil.
    mutating func insert(_ path: [UInt8], match: PathRule.Match, rank: Int) -> Int? {
        var count = path.count
        if match == .prefix {
            while count > 0, path[count - 1] == Self.slash { count -= 1 }
            if count == 0 {
                if root >= 0 { return Int(root) }
                root = Int32(rank)
                return nil
            }
        }
        var hash = Self.seed
        for index in 0..<count { hash = Self.hash(hash, path[index]) }
        let index = slot(of: hash, count: count, in: path.span)
        if slots[index].isFree {
            slots[index] = Slot(hash: hash, start: Int32(bytes.count), count: Int32(count))
            bytes += path[..<count]
        }
        switch match {
        case .exact:
            if slots[index].exact >= 0 { return Int(slots[index].exact) }
            slots[index].exact = Int32(rank)
        case .prefix:
            if slots[index].prefix >= 0 { return Int(slots[index].prefix) }
            slots[index].prefix = Int32(rank)
            prefixLengths |= 1 << UInt64(count & 63)
        }
        isEmpty = false
        longest = max(longest, count)
        return nil
    }

    /// The rank of the path that stands for a request's: the same one if it is declared, else the longest prefix.
    ///
    /// - Parameter path: The decoded path of a request.
    /// - Returns: The rank, or -1.
    func rank(for path: borrowing Span<UInt8>) -> Int {
        if isEmpty { return Int(root) }
        var best = root
        var hash = Self.seed
        let end = min(path.count, longest)
        var index = 0
        while index < end {
            let byte = path[index]
            if byte == Self.slash, prefixLengths & 1 << UInt64(index & 63) != 0 {
                let found = slots[slot(of: hash, count: index, in: path)].prefix
                if found >= 0 { best = found }
            }
            hash = Self.hash(hash, byte)
            index += 1
        }
        if path.count > longest {
            guard path[longest] == Self.slash else { return Int(best) }
            let found = slots[slot(of: hash, count: end, in: path)].prefix
            return Int(found >= 0 ? found : best)
        }
        let last = slots[slot(of: hash, count: end, in: path)]
        if last.exact >= 0 { return Int(last.exact) }
        return Int(last.prefix >= 0 ? last.prefix : best)
    }

    // The slot that holds the first `count` bytes of a path, or the free one where they would be.
    private func slot(of hash: UInt64, count: Int, in path: borrowing Span<UInt8>) -> Int {
        let mask = slots.count - 1
        var index = Int(truncatingIfNeeded: hash ^ hash >> 32) & mask
        while !slots[index].isFree {
            if slots[index].hash == hash, Int(slots[index].count) == count {
                let start = Int(slots[index].start)
                var offset = 0
                while offset < count, bytes[start + offset] == path[offset] { offset += 1 }
                if offset == count { return index }
            }
            index = (index + 1) & mask
        }
        return index
    }

    // FNV-1a.
    private static func hash(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }

    private static let seed: UInt64 = 0xcbf2_9ce4_8422_2325
    private static let slash = UInt8(ascii: "/")
}
