/// What a set of problems was found for; they are replaced together.
enum ProblemOwner: Hashable, Sendable {
    /// The words of an Ingress: its class and its annotations.
    case ingress(NamespacedName)
    /// The paths of a host.
    case host(String)
    /// The backends of a host's routes.
    case backends(String)
    /// The certificates of a host.
    case certificates(String)
    /// The certificate for all other hosts.
    case defaultCertificate
    /// The ConfigMap.
    case options
}

/// The problems that stand, by what they were found for, and what changed since they were last told.
struct ProblemLedger: Sendable {
    private var problemsByOwner: [ProblemOwner: [IngressProblem]] = [:]
    /// How often each problem stands: the same Secret can be missing for several hosts.
    private var standing: [IngressProblem: Int] = [:]
    private var told: Set<IngressProblem> = []
    private var changed: Set<IngressProblem> = []

    /// All standing problems, each once, in order.
    ///
    /// - Complexity: O(*n* log *n*) in the number of problems.
    var all: [IngressProblem] { standing.keys.sorted() }

    /// Puts problems in the place of those found for an owner before.
    mutating func replace(of owner: ProblemOwner, with problems: [IngressProblem]) {
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
    mutating func takeChanges() -> (appeared: [IngressProblem], cleared: [IngressProblem]) {
        let appeared = changed.filter { standing[$0] != nil && !told.contains($0) }.sorted()
        let cleared = changed.filter { standing[$0] == nil && told.contains($0) }.sorted()
        told.formUnion(appeared)
        told.subtract(cleared)
        changed.removeAll()
        return (appeared, cleared)
    }
}
