/// Finds the known name that a misspelt one is closest to.
enum NearestName {
    /// The closest of the names, or nil when none is close enough to be meant.
    ///
    /// - Complexity: O(names × length²); only for messages about mistakes.
    static func of(_ text: String, among names: some Sequence<String>) -> String? {
        let word = Array(text.lowercased().utf8)
        guard word.count <= 64 else { return nil }
        var best: (distance: Int, name: String)?
        for name in names {
            let distance = distance(word, Array(name.utf8))
            if best.map({ (distance, name) < ($0.distance, $0.name) }) ?? true { best = (distance, name) }
        }
        guard let best, best.distance <= max(2, word.count / 4) else { return nil }
        return best.name
    }

    /// How many insertions, deletions and replacements turn one into the other.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (position, other) in right.enumerated() {
                let replaced = diagonal + (byte == other ? 0 : 1)
                diagonal = row[position + 1]
                row[position + 1] = min(replaced, diagonal + 1, row[position] + 1)
            }
        }
        return row[right.count]
    }
}
