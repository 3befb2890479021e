package import KubernetesAPI

/// What has changed in a directory of manifests since it was read the last time.
package struct ManifestChanges: Hashable, Sendable {
    /// Objects that are gone, by reference; then objects that are new or different, by path and document.
    ///
    /// Each object stands here once. Where it stands in its file does not count as a difference.
    package var changes: [ObjectChange] = []

    /// Problems that there were none of before, by origin.
    package var appeared: [ObjectProblem] = []

    /// Problems that are no more, by origin.
    package var cleared: [ObjectProblem] = []

    /// What is worth a quiet line, by origin.
    package var notices: [ObjectNotice] = []

    /// Creates changes; none by default.
    package init() {}

    /// Whether nothing has changed and there is nothing to say.
    package var isEmpty: Bool { changes.isEmpty && appeared.isEmpty && cleared.isEmpty && notices.isEmpty }
}
