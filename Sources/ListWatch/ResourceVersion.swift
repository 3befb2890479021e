/// The version that an API server gives to an object and to a list: text to send back as it came.
///
/// Kubernetes promises since 1.35 that versions of one resource are numbers which grow, and all servers before kept
/// to it. Where both texts are such numbers, one can be older; else they are the same or not.
package struct ResourceVersion: Hashable, Sendable, CustomStringConvertible {
    /// The text.
    package let text: String

    /// Wraps the text of a version.
    package init(_ text: String) { self.text = text }

    /// Whether this version came into being before another one; false when nobody can tell.
    package func isOlder(than other: ResourceVersion) -> Bool {
        guard isNumber, other.isNumber else { return false }
        let (left, right) = (text.utf8, other.text.utf8)
        return left.count == right.count ? left.lexicographicallyPrecedes(right) : left.count < right.count
    }

    package var description: String { text }

    private var isNumber: Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: "0") else { return false }
        return text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
