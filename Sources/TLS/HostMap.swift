/// A map from host names to what is presented for them, whose copies share what they have in common.
///
/// Hashes choose one of 64 branches and one of its 64 buckets; a change copies the root, one branch and one bucket.
struct HostMap: Sendable {
    private struct Entry: Sendable {
        let hash: UInt64
        let key: [UInt8]
        let host: CertificateTable.Host
    }

    private typealias Bucket = [Entry]

    private var branches: [[Bucket]] = []
    private(set) var count = 0

    /// The key of a name: in lower case, without a final dot, and without the star of a wildcard.
    static func key(for name: String) -> [UInt8] {
        var key = Array(name.lowercased().utf8)
        if key.last == UInt8(ascii: ".") { key.removeLast() }
        if key.starts(with: [UInt8(ascii: "*"), UInt8(ascii: ".")]) { key.removeFirst() }
        return key
    }

    /// Finds what is presented for a key.
    func host(for key: borrowing Span<UInt8>) -> CertificateTable.Host? {
        if branches.isEmpty { return nil }
        let hash = Self.hash(key)
        let branch = branches[Self.branch(of: hash)]
        if branch.isEmpty { return nil }
        for entry in branch[Self.bucket(of: hash)] where entry.hash == hash && isEqual(entry.key.span, key) {
            return entry.host
        }
        return nil
    }

    /// Sets or removes what is presented for a key.
    mutating func set(_ key: [UInt8], _ host: CertificateTable.Host?) {
        let hash = Self.hash(key.span)
        let (branch, bucket) = (Self.branch(of: hash), Self.bucket(of: hash))
        if branches.isEmpty { branches = Array(repeating: [], count: Self.fanOut) }
        if branches[branch].isEmpty { branches[branch] = Array(repeating: [], count: Self.fanOut) }
        let index = branches[branch][bucket].firstIndex { $0.hash == hash && $0.key == key }
        if let index {
            branches[branch][bucket].remove(at: index)
            count -= 1
        }
        if let host {
            branches[branch][bucket].append(Entry(hash: hash, key: key, host: host))
            count += 1
        }
    }

    private func isEqual(_ left: borrowing Span<UInt8>, _ right: borrowing Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices where left[index] != right[index] { return false }
        return true
    }

    /// FNV-1a with its high bits folded in; names come from the cluster's own objects, so no seed is needed.
    private static func hash(_ bytes: borrowing Span<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01b3 }
        return hash ^ (hash >> 29)
    }

    private static func branch(of hash: UInt64) -> Int { Int(hash >> 6 & 63) }
    private static func bucket(of hash: UInt64) -> Int { Int(hash & 63) }
    private static let fanOut = 64  // 4,096 buckets: two or three names each for ten thousand hosts
}
