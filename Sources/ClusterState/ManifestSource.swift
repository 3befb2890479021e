package import KubernetesAPI
package import Manifests

/// A directory of manifests as a source of objects.
package final class ManifestSource: ObjectSource {
    private let directory: ManifestDirectory

    /// Opens a directory; nothing is read before `read`.
    ///
    /// - Parameters:
    ///   - path: The directory.
    ///   - kinds: The kinds of object that are wanted.
    /// - Throws: What is wrong with the directory as a whole.
    package init(path: String, kinds: Set<ObjectKind>) throws(ManifestError) {
        directory = try ManifestDirectory(path: path, kinds: kinds)
    }

    /// The descriptor that is readable when a file may have changed.
    package var descriptor: Int32 { directory.descriptor }

    /// When to read even if no file changes; nil when there is no need.
    package var nextDeadline: ContinuousClock.Instant? { directory.nextDeadline }

    /// Returns what changed in the directory since the last call.
    package func read() -> SourceNews {
        let found = directory.readChanges()
        var news = SourceNews()
        news.changes = found.changes
        news.appeared = found.appeared
        news.cleared = found.cleared
        news.notices = found.notices
        return news
    }
}
