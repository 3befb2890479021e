import NodeAgent

extension CommitReport {
    /// The report without the flows that it is news to.
    var changes: CommitReport {
        var copy = self
        copy.departed = []
        copy.answered = []
        return copy
    }
}
