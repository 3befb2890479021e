package import KubernetesAPI

/// What a source has to tell since it was read the last time.
package struct SourceNews: Hashable, Sendable {
    /// The objects that changed, each once.
    package var changes: [ObjectChange] = []

    /// What is wrong since now.
    package var appeared: [ObjectProblem] = []

    /// What is no longer wrong.
    package var cleared: [ObjectProblem] = []

    /// What is worth a quiet line.
    package var notices: [ObjectNotice] = []

    /// Creates news; none by default.
    package init() {}
}

/// Where objects come from: a directory of manifests, or an API server.
///
/// A source runs in its reader's event loop. It keeps what it gave last for as long as it cannot know better.
package protocol ObjectSource: AnyObject {
    /// The descriptor that is readable when there may be news.
    var descriptor: Int32 { get }

    /// When to read even if the descriptor stays quiet; nil when there is no need.
    var nextDeadline: ContinuousClock.Instant? { get }

    /// Whether everything has been told that there was at the beginning; until then nobody knows what is missing.
    var hasSynced: Bool { get }

    /// Returns what changed since the last call; the first call that ends with `hasSynced` returns everything.
    func read() -> SourceNews
}

extension ObjectSource {
    /// Whether everything has been told; true for a source that tells all in the first call.
    package var hasSynced: Bool { true }
}
