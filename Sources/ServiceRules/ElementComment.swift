internal import Nftables

/// The comments of elements, within what nft can print.
enum ElementComment {
    /// Returns the text, or its beginning and a hash of the whole where it is too long for a comment.
    static func fitting(_ text: String) -> String {
        guard text.utf8.count > Element.commentBytesMax else { return text }
        let digest = String(fowlerNollVo(text.utf8), radix: 16)
        var beginning = text
        while beginning.utf8.count > Element.commentBytesMax - digest.utf8.count - 1 { beginning.removeLast() }
        return "\(beginning)~\(digest)"
    }

    /// The 64-bit FNV-1a hash: the same in every run, which Swift's own is not.
    private static func fowlerNollVo(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
