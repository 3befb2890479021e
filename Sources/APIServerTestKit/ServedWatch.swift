/// A watch that a client follows.
struct ServedWatch {
    let collection: String
    let selector: ObjectSelector
    var version: UInt64
    /// The number of bookmarks that were asked for before.
    var bookmarks: Int
    /// The number of times that all watches were ended before.
    let ends: Int
    let sendsBookmarks: Bool
    /// What is said before the watch ends at once.
    var lastWords: String?

    /// The bytes to send now, and whether they are the last.
    mutating func events(in world: inout ServerWorld) -> (bytes: [UInt8], isOver: Bool) {
        if let lastWords { return (world.chunks(Array(lastWords.utf8)) + Self.end, true) }
        var bytes: [UInt8] = []
        for event in world.events(collection, after: version, selector) { bytes += world.chunks(Array(event.utf8)) }
        version = max(version, world.version)
        if bookmarks != world.bookmarks {
            bookmarks = world.bookmarks
            if sendsBookmarks {
                let mark = world.bookmark(endsInitialEvents: false, version: world.bookmarkVersion)
                bytes += world.chunks(Array(mark.utf8))
            }
        }
        if !world.words.isEmpty, let words = world.words.removeValue(forKey: collection) {
            bytes += world.chunks(Array(words.utf8))
        }
        let isOver = ends != world.watchEnds
        return (bytes + (isOver ? Self.end : []), isOver)
    }

    private static let end = Array("0\r\n\r\n".utf8)
}
