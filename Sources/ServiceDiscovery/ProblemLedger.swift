internal import KubernetesAPI

/// The problems that stand, by the object they were found for, and what changed since they were last told.
struct ProblemLedger: Sendable {
    private var problemsByOwner: [ObjectReference: [ObjectProblem]] = [:]
    /// How often each problem stands: a pod's is found for every Service that selects the pod.
    private var standing: [ObjectProblem: Int] = [:]
    private var told: Set<ObjectProblem> = []
    private var changed: Set<ObjectProblem> = []

    /// All standing problems, each once, in order.
    ///
    /// - Complexity: O(*n* log *n*) in the number of problems.
    var all: [ObjectProblem] { standing.keys.sorted() }

    /// Puts problems in the place of those found for an object before.
    mutating func replace(of owner: ObjectReference, with problems: [ObjectProblem]) {
        guard !problems.isEmpty || !problemsByOwner.isEmpty, problemsByOwner[owner, default: []] != problems
        else { return }
        for problem in problemsByOwner[owner, default: []] {
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
    mutating func takeChanges() -> (appeared: [ObjectProblem], cleared: [ObjectProblem]) {
        let appeared = changed.filter { standing[$0] != nil && !told.contains($0) }.sorted()
        let cleared = changed.filter { standing[$0] == nil && told.contains($0) }.sorted()
        told.formUnion(appeared)
        told.subtract(cleared)
        changed.removeAll()
        return (appeared, cleared)
    }
}
