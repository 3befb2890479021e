extension KnownField {
    /// Finds what a name means, whatever its letters' case.
    ///
    /// - Parameter name: The name, of letters, digits and other characters that names may have: no control character.
    package init(matching name: Span<UInt8>) {
        let key = NameKey(name)
        var slot = key.slot
        while true {
            let candidate = KnownFieldTable.slots[slot]
            if candidate.key == key {
                self = candidate.field
                return
            }
            if candidate.field == .other { break }
            slot = (slot + 1) & (KnownFieldTable.slotCount - 1)
        }
        self = .other
        guard key.count > 8 else { return }
        if key.first == NameKey.contentPrefix { self = .otherContent }
        if key.first == NameKey.accelPrefix { self = .xAccel }
    }
}

/// A name in lower case as a few words that can be compared at once.
///
/// The words overlap, so that no byte is left out: eight bytes from the start, eight from the end, and for names of more
/// than sixteen bytes those from 8 and from 16 on. Equal keys mean equal names up to 32 bytes; longer names have no key.
struct NameKey: Equatable, BitwiseCopyable {
    var count: Int
    var first: UInt64 = 0
    var second: UInt64 = 0
    var third: UInt64 = 0
    var last: UInt64 = 0

    static let longest = 32
    static let contentPrefix = NameKey("content-").first
    static let accelPrefix = NameKey("x-accel-").first

    init(_ text: StaticString) { self.init(Array(text.description.utf8).span) }

    @inline(__always)
    init(_ name: Span<UInt8>) {
        count = name.count
        if count >= 8 {
            guard count <= Self.longest else {
                count = -1
                return
            }
            first = name.foldedWord(at: 0)
            last = name.foldedWord(at: count - 8)
            if count > 16 { second = name.foldedWord(at: 8) }
            if count > 24 { third = name.foldedWord(at: 16) }
        } else {
            for index in name.indices { first = first << 8 | UInt64(name[index] | 0x20) }
        }
    }

    /// Where the table's search begins.
    var slot: Int {
        let mixed = (first ^ last &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(truncatingIfNeeded: count)) &* 0x9e37_79b9_7f4a_7c15
        return Int(truncatingIfNeeded: mixed >> 56) & (KnownFieldTable.slotCount - 1)
    }
}

extension Span<UInt8> {
    /// Eight bytes as one number, with the bit set that makes letters small.
    @inline(__always)
    fileprivate func foldedWord(at offset: Int) -> UInt64 {
        // One check for all eight; the compiler makes one load of it.
        let block = extracting(offset..<(offset + 8))
        let low =
            UInt64(block[0]) | UInt64(block[1]) << 8 | UInt64(block[2]) << 16 | UInt64(block[3]) << 24
        let high =
            UInt64(block[4]) | UInt64(block[5]) << 8 | UInt64(block[6]) << 16 | UInt64(block[7]) << 24
        return (low | high << 32) | 0x2020_2020_2020_2020
    }
}

/// The known names by their keys: open addressing, never full.
enum KnownFieldTable {
    struct Slot: BitwiseCopyable {
        var key: NameKey
        var field: KnownField
    }

    static let slotCount = 256

    static let slots: InlineArray<256, Slot> = {
        var empty = NameKey("")
        empty.count = -2  // no name has it
        var slots = InlineArray<256, Slot>(repeating: Slot(key: empty, field: .other))
        for (name, field) in names {
            let key = NameKey(name)
            var slot = key.slot
            while slots[slot].field != .other { slot = (slot + 1) & (slotCount - 1) }
            slots[slot] = Slot(key: key, field: field)
        }
        return slots
    }()

    private static var names: [(StaticString, KnownField)] {
        let single = KnownField.allCases.map { ($0.text, $0) }.filter { $0.0.utf8CodeUnitCount > 0 }
        return single + [
            ("If-Match", .conditional), ("If-None-Match", .conditional), ("If-Modified-Since", .conditional),
            ("If-Unmodified-Since", .conditional), ("If-Range", .conditional),
            ("ssl-client-verify", .sslClient), ("ssl-client-subject-dn", .sslClient),
            ("ssl-client-issuer-dn", .sslClient), ("ssl-client-cert", .sslClient),
        ]
    }
}
