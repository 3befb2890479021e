/// The problems that stand, by what they were found for, and what changed since they were last told.
package struct ProblemLedger<Owner: Hashable & Sendable, Problem: Hashable & Comparable & Sendable>: Sendable {
    private var problemsByOwner: [Owner: [Problem]] = [:]
    /// How often each problem stands: one can be found for several owners, such as a Secret that several hosts miss.
    private var standing: [Problem: Int] = [:]
    private var told: Set<Problem> = []
    private var changed: Set<Problem> = []

    /// Creates a ledger in which nothing stands.
    package init() {}

    /// All standing problems, each once, in order.
    ///
    /// - Complexity: O(*n* log *n*) in the number of problems.
    package var all: [Problem] { standing.keys.sorted() }

    /// Puts problems in the place of those found for an owner before.
    package mutating func replace(of owner: Owner, with problems: [Problem]) {
        // Mostly there are none at all, before and after.
        guard !problems.isEmpty || !problemsByOwner.isEmpty else { return }
        let former = problemsByOwner[owner, default: []]
        guard former != problems else { return }
        for problem in former {
            let count = standing[problem, default: 0] - 1
            standing[problem] = count > 0 ? count : nil
            changed.insert(problem)
        }
        for problem in problems {
            standing[problem, default: 0] += 1
            changed.insert(problem)
        }
        problemsByOwner[owner] = problems.isEmpty ? nil : problems
    }

    /// Returns what appeared and what went since the last call, in order; what came and went between is in neither.
    package mutating func takeChanges() -> (appeared: [Problem], cleared: [Problem]) {
        let appeared = changed.filter { standing[$0] != nil && !told.contains($0) }.sorted()
        let cleared = changed.filter { standing[$0] == nil && told.contains($0) }.sorted()
        told.formUnion(appeared)
        told.subtract(cleared)
        changed.removeAll()
        return (appeared, cleared)
    }
}
