package import KubernetesAPI
internal import LinuxSystem

/// A directory of manifests as a source of objects, with all its folders, read again wherever it changes.
///
/// It runs in the caller's event loop: wait until `descriptor` is readable or `nextDeadline` has passed, then call
/// `readChanges`. Nothing else waits, except for the disk.
///
/// What it gives stays given until the file says otherwise:
/// - a file that is open for writing is read when it is closed, or when nothing was written for five seconds;
/// - a document that cannot be parsed, a file that cannot be read or a directory that vanishes take nothing away;
/// - a file that is moved away and written anew, as editors do, is not missed in between.
///
/// A directory of the same name takes the place of one that was replaced: by a symbolic link to the next version, by a
/// mount, or by hand. In ConfigMap mounts, the link `..data` is followed when it is swapped.
package final class ManifestDirectory {
    let root: String
    let decoder: ObjectDecoder
    let limits: ManifestLimits
    let now: () -> ContinuousClock.Instant

    var watches: FolderWatches
    /// The directory that is watched; nil before the first reading and while there is none.
    var attached: DirectoryIdentity?
    /// Whether something happened to the directory itself, so that it must be looked at.
    var isRootSuspect = true
    /// The files that are known, by folder.
    var files: [String: [String: KnownFile]] = [:]
    /// The files to look at, and when.
    var looks: [String: Look] = [:]
    /// The folders that the kernel refuses to watch, so that they must be looked at again and again.
    var unwatchedFolders: Set<String> = []
    /// The files behind symbolic links that may change without an event.
    var polledLinks: Set<String> = []
    var nextPoll: ContinuousClock.Instant?
    /// The number of bytes that were parsed since freed memory was given back.
    var bytesRead = 0
    var claims = ObjectClaims()
    var reports = ReportLedger()

    /// Opens a directory; nothing is read before `readChanges`.
    ///
    /// Of the kinds of object, only `kinds` are read; others lead to notices.
    package convenience init(path: String, kinds: Set<ObjectKind>) throws(ManifestError) {
        try self.init(path: path, kinds: kinds, limits: ManifestLimits()) { .now }
    }

    /// Opens a directory with limits and a clock of the caller's.
    init(
        path: String,
        kinds: Set<ObjectKind>,
        limits: ManifestLimits,
        now: @escaping () -> ContinuousClock.Instant
    ) throws(ManifestError) {
        var root = path
        while root.utf8.count > 1, root.hasSuffix("/") { root.removeLast() }
        do throws(Errno) {
            guard try FileStatus(ofFileAt: root).kind == .directory else { throw Errno.notDirectory }
            _ = try directoryEntries(at: root)
        } catch {
            switch error {
            case .noSuchFile: throw .missing(path: path)
            case .notDirectory: throw .notDirectory(path: path)
            default: throw .unreadable(path: path, error)
            }
        }
        do throws(Errno) { watches = try FolderWatches() } catch { throw .unwatchable(path: path, error) }
        self.root = root
        self.decoder = ObjectDecoder(kinds: kinds)
        self.limits = limits
        self.now = now
    }

    /// The descriptor to wait on: it becomes readable when something happens in the directory.
    package var descriptor: Int32 { watches.descriptor }

    /// When `readChanges` should be called even if the descriptor stays quiet; nil when there is no need.
    package var nextDeadline: ContinuousClock.Instant? {
        let look = looks.values.lazy.map(\.time).min()
        guard let look, let poll = nextPoll else { return look ?? nextPoll }
        return min(look, poll)
    }

    /// Reads what has changed since the last call; the first call reads everything.
    package func readChanges() -> ManifestChanges {
        let time = now()
        receiveEvents(at: time)
        if let poll = nextPoll, poll <= time { pollWhatSendsNoEvents(at: time) }
        if isRootSuspect { checkRoot(at: time) }
        let due = looks.filter { $0.value.time <= time }
        for (file, look) in due.sorted(by: { $0.key < $1.key }) {
            looks[file] = nil
            lookAt(file, isForced: look.isForced, at: time)
        }
        // A file that was found missing may have told that the whole directory is.
        if isRootSuspect { checkRoot(at: time) }
        schedulePoll(at: time)

        var result = ManifestChanges()
        let (changes, rivalries) = claims.takeChanges()
        result.changes = changes
        for (reference, problems) in rivalries { reports.report(.rivals(reference), problems: problems) }
        reports.take(into: &result)
        // Parsing leaves several times the text behind, and what was replaced is free only now.
        if bytesRead >= Self.bytesWorthReleasing {
            bytesRead = 0
            releaseFreedMemory()
        }
        return result
    }

    /// The path of a file or folder for the kernel.
    func fullPath(_ relative: String) -> String { relative.isEmpty ? root : "\(root)/\(relative)" }

    /// Below this, what parsing leaves behind is not worth a walk through the heap.
    private static let bytesWorthReleasing = 1024 * 1024
}

/// Which directory is watched, whatever path led to it.
struct DirectoryIdentity: Hashable {
    private let device: UInt64
    private let inode: UInt64

    /// Takes the identity of a directory.
    init(_ status: FileStatus) {
        device = status.device
        inode = status.inode
    }
}

/// A file that has been read, or that could not be.
struct KnownFile {
    /// The state in which it was read; nil when it could not be read to the end.
    var signature: FileSignature?
}

/// When to look at a file.
struct Look {
    var time: ContinuousClock.Instant

    /// Whether it was written to, so that it is read even if its times and its size are as before.
    ///
    /// Two writes within one tick of the kernel's clock leave the same times.
    var isForced: Bool
}
