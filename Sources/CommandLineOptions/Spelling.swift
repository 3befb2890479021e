/// Guesses which word was meant.
enum Spelling {
    /// Returns the known word nearest to a misspelt one, or nil when none is near enough to be meant.
    static func nearest(to word: String, among known: [String]) -> String? {
        let word = word.drop { $0 == "-" }.lowercased()
        // A word cut short is meant by whoever typed at least its first three letters.
        if word.count >= 3, let longer = known.first(where: { $0.hasPrefix(word) }) { return longer }
        // One slip in three letters is as far as a guess may go without being silly.
        let limit = max(1, word.count / 3)
        return
            known
            .map { (word: $0, distance: distance(from: word, to: $0)) }
            .filter { $0.distance <= limit && $0.distance < $0.word.count }
            .min { $0.distance < $1.distance }?
            .word
    }

    /// The number of insertions, deletions, replacements and swaps of neighbours that lead from one word to another.
    static func distance(from source: String, to target: String) -> Int {
        let source = Array(source)
        let target = Array(target)
        var beforePrevious: [Int] = []
        var previous = Array(0...target.count)
        for row in 1..<(source.count + 1) {
            var current = [row]
            for column in 1..<(target.count + 1) {
                let isSame = source[row - 1] == target[column - 1]
                var best = min(
                    previous[column] + 1,
                    current[column - 1] + 1,
                    previous[column - 1] + (isSame ? 0 : 1)
                )
                if row > 1, column > 1, source[row - 1] == target[column - 2], source[row - 2] == target[column - 1] {
                    best = min(best, beforePrevious[column - 2] + 1)
                }
                current.append(best)
            }
            beforePrevious = previous
            previous = current
        }
        return previous[target.count]
    }
}
