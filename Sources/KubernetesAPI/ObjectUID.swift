/// `metadata.uid`: what tells an object from a later one of the same name.
///
/// API servers make UUIDs. Whatever else a manifest says is no identity in a cluster, and counts as none.
package struct ObjectUID: Hashable, Sendable, CustomStringConvertible {
    private var high: UInt64 = 0
    private var low: UInt64 = 0

    /// Where the hyphens of a UUID stand.
    private static let hyphens: Set<Int> = [8, 13, 18, 23]

    /// Reads a UUID in lower case, as API servers write it; nil for any other text.
    package init?(_ text: String) {
        guard text.utf8.count == 36 else { return nil }
        for (index, byte) in text.utf8.enumerated() {
            if Self.hyphens.contains(index) {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            high = high << 4 | low >> 60
            low = low << 4 | UInt64(digit)
        }
    }

    /// The UUID as API servers write it.
    package var description: String {
        var text = ""
        for index in 0..<32 {
            if [8, 12, 16, 20].contains(index) { text += "-" }
            let half = index < 16 ? high : low
            text += String(half >> UInt64(60 - index % 16 * 4) & 15, radix: 16)
        }
        return text
    }
}
