internal import NetworkAddress

/// How a peer lays out the rules of a cluster, as the text that its tool reads.
///
/// A layout knows what it has written, as the peer does, and writes only what a change needs.
protocol RulesetLayout {
    /// What the layout takes the kernel to hold.
    var state: ClusterState { get }

    /// Everything, over whatever the kernel holds; a restart knows which elements are there already.
    ///
    /// - Parameter isRestart: Whether the kernel holds all of it already.
    /// - Returns: The text.
    mutating func everything(isRestart: Bool) -> String

    /// Applies changes to the state.
    ///
    /// - Parameter changes: The changes; a Service is in one of them at most.
    /// - Returns: The text that brings them to the kernel, in one transaction.
    mutating func text(for changes: [ClusterChange]) -> String

    /// Returns the text that removes what the peer leaves behind and removes later, or nil without any.
    mutating func tidying() -> String?
}

/// Names that are as long as those that peers compute with SHA-256, and as different.
enum LayoutHash {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    /// Returns so many letters of base 32 for a text.
    static func letters(_ count: Int, of text: String) -> String {
        // FNV-1a, run over the text once more for every twelve letters.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        var letters: [UInt8] = []
        while letters.count < count {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            // The low bits of a product mix worst.
            var rest = hash ^ hash >> 29
            for _ in 0..<min(12, count - letters.count) {
                letters.append(alphabet[Int(rest & 31)])
                rest >>= 5
            }
        }
        return String(decoding: letters, as: UTF8.self)
    }
}
