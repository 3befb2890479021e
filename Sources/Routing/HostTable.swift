/// Hosts by name, in many small pieces of which copies share all but the changed ones.
///
/// A name's hash chooses one of 64 branches, and in it one of 64 leaves; a leaf has a few hosts.
struct HostTable: Sendable {
    private struct Entry: Sendable {
        let hash: UInt64
        let name: [UInt8]
        let host: VirtualHost
    }

    private var branches: [[[Entry]]] = Array(
        repeating: Array(repeating: [], count: Self.fanout),
        count: Self.fanout
    )

    /// The number of hosts.
    private(set) var count = 0

    /// The hash of no name, from which `hash(_:_:)` goes on.
    static let seed: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The hash of a name with one more byte in front.
    ///
    /// Names are hashed from their end, so that the hash of `a.foo.com` has that of `foo.com` on its way.
    static func hash(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }

    /// The host whose name is the end of these bytes, or nil.
    ///
    /// - Parameters:
    ///   - bytes: The bytes.
    ///   - start: Where the name begins in them.
    ///   - hash: The hash of the name.
    /// - Returns: The host, or nil.
    func host(in bytes: borrowing Span<UInt8>, from start: Int, hash: UInt64) -> VirtualHost? {
        let (branch, leaf) = Self.place(of: hash)
        let count = branches[branch][leaf].count
        var index = 0
        while index < count {
            if branches[branch][leaf][index].hash == hash,
                Self.equals(branches[branch][leaf][index].name, bytes, from: start)
            {
                return branches[branch][leaf][index].host
            }
            index += 1
        }
        return nil
    }

    /// Sets or removes the host of a name.
    mutating func set(_ name: [UInt8], to host: VirtualHost?) {
        let hash = name.reversed().reduce(Self.seed) { Self.hash($0, $1) }
        let (branch, leaf) = Self.place(of: hash)
        let index = branches[branch][leaf].firstIndex { $0.name == name }
        switch (index, host) {
        case (nil, nil): return
        case (nil, let host?):
            branches[branch][leaf].append(Entry(hash: hash, name: name, host: host))
            count += 1
        case (let index?, nil):
            branches[branch][leaf].remove(at: index)
            count -= 1
        case (let index?, let host?):
            branches[branch][leaf][index] = Entry(hash: hash, name: name, host: host)
        }
    }

    /// All names with their hosts, in no order.
    var all: [(name: [UInt8], host: VirtualHost)] {
        branches.flatMap { branch in branch.flatMap { leaf in leaf.map { ($0.name, $0.host) } } }
    }

    private static func place(of hash: UInt64) -> (branch: Int, leaf: Int) {
        let mixed = Int(truncatingIfNeeded: hash ^ hash >> 29)
        return (mixed >> 6 & (fanout - 1), mixed & (fanout - 1))
    }

    private static func equals(_ name: [UInt8], _ bytes: borrowing Span<UInt8>, from start: Int) -> Bool {
        guard name.count == bytes.count - start else { return false }
        var index = 0
        while index < name.count {
            guard name[index] == bytes[start + index] else { return false }
            index += 1
        }
        return true
    }

    private static let fanout = 64
}
