internal import LinuxSystem

/// The inotify watches, one for each folder below the directory.
struct FolderWatches: ~Copyable {
    private let inotify: Inotify
    private var watches: [String: Inotify.Watch] = [:]
    private var folders: [Inotify.Watch: String] = [:]

    /// Opens the queue.
    init() throws(Errno) { inotify = try Inotify() }

    /// The number to wait on.
    var descriptor: Int32 { inotify.descriptor }

    /// The folders that are watched.
    var watchedFolders: Dictionary<String, Inotify.Watch>.Keys { watches.keys }

    /// The folder of a watch; nil when the watch has been given up since the event.
    func folder(of watch: Inotify.Watch) -> String? { folders[watch] }

    /// Reads a batch of events; empty when there are no more.
    func readEvents() throws(Errno) -> [Inotify.Event] { try inotify.readEvents() }

    /// Watches a folder, given its path relative to the directory and its path for the kernel.
    mutating func watch(_ folder: String, at path: String) throws(Errno) {
        let watch = try inotify.watchDirectory(at: path, for: Self.happenings)
        if let earlier = watches[folder], earlier != watch { forget(earlier) }
        // A folder that was moved keeps its watch in the kernel under its former path here.
        if let former = folders[watch], former != folder { watches[former] = nil }
        watches[folder] = watch
        folders[watch] = folder
    }

    /// Gives up the watch of a folder, if there is one.
    mutating func remove(_ folder: String) {
        guard let watch = watches.removeValue(forKey: folder) else { return }
        folders[watch] = nil
        inotify.remove(watch)
    }

    /// Notes that the kernel has ended a watch.
    mutating func forget(_ watch: Inotify.Watch) {
        guard let folder = folders.removeValue(forKey: watch) else { return }
        if watches[folder] == watch { watches[folder] = nil }
    }

    private static let happenings: Inotify.Happenings = [
        .modified, .attributesChanged, .closedAfterWriting, .movedFrom, .movedTo, .created, .deleted, .selfDeleted,
        .selfMoved,
    ]
}
