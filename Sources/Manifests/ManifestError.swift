package import LinuxSystem

/// Why a directory of manifests cannot be used at all.
package enum ManifestError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is nothing at the path.
    case missing(path: String)
    /// The path leads to something else.
    case notDirectory(path: String)
    /// The directory cannot be listed.
    case unreadable(path: String, Errno)
    /// The kernel gives no inotify queue.
    case unwatchable(path: String, Errno)

    /// What is wrong and what to do, for the operator.
    package var description: String {
        switch self {
        case .missing(let path):
            "the directory of manifests \(path) does not exist; create it, or name another with --manifests"
        case .notDirectory(let path):
            "\(path) is not a directory; name the directory that holds the manifests with --manifests"
        case .unreadable(let path, let error):
            "the directory of manifests \(path) cannot be read: \(error); "
                + "the user of this process needs the rights to read and to enter it"
        case .unwatchable(let path, let error):
            "the directory of manifests \(path) cannot be watched: \(error); "
                + "raise fs.inotify.max_user_instances with sysctl, or end programs that hold many of them"
        }
    }
}
