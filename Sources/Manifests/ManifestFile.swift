internal import KubernetesAPI
internal import LinuxSystem

/// What tells one state of a file from another without reading it.
struct FileSignature: Hashable {
    private let device: UInt64
    private let inode: UInt64
    private let size: Int64
    private let modified: Int64
    private let changed: Int64

    /// Whether the file still holds what it held in an earlier state.
    ///
    /// The time of its last change does not count: that also moves when a link to the file goes, as it does when
    /// another file is renamed over it.
    func holdsSame(as earlier: FileSignature) -> Bool {
        device == earlier.device && inode == earlier.inode && size == earlier.size && modified == earlier.modified
    }

    /// Takes what counts from the status of a file.
    init(_ status: FileStatus) {
        device = status.device
        inode = status.inode
        size = status.size
        modified = status.modifiedNanoseconds
        changed = status.changedNanoseconds
    }
}

/// What reading a manifest file has led to.
enum ManifestFileReading {
    /// The file was read; `isSteady` unless it changed under the reader.
    case contents([UInt8], FileSignature, isSteady: Bool)
    /// The path leads to no file.
    case absent
    /// The file is there and cannot be used, for a reason in words.
    case unusable(String, FileSignature?)

    /// Reads a file.
    init(path: String, bytesMax: Int) {
        do throws(Errno) {
            let file = try FileDescriptor.open(forReading: path)
            let status = try FileStatus(of: file)
            let signature = FileSignature(status)
            guard status.kind == .regular else {
                self = status.kind == .directory ? .absent : .unusable("it is not a regular file", signature)
                return
            }
            guard status.size <= Int64(bytesMax) else {
                self = .unusable(Self.tooLong(bytesMax), signature)
                return
            }
            let bytes = try file.readAll(limit: bytesMax, expected: Int(status.size))
            let after = FileSignature(try FileStatus(of: file))
            guard bytes.count <= bytesMax else {
                self = .unusable(Self.tooLong(bytesMax), after)
                return
            }
            self = .contents(bytes, signature, isSteady: after.holdsSame(as: signature))
        } catch {
            switch error {
            case .noSuchFile, .notDirectory:
                // A link that leads nowhere is there all the same, and may lead somewhere in a moment.
                self =
                    (try? FileStatus(ofLinkAt: path)) == nil
                    ? .absent : .unusable("it is a symbolic link to a file that does not exist", nil)
            case .accessDenied:
                self = .unusable("\(error); the user of this process needs the right to read it", nil)
            default: self = .unusable("\(error)", nil)
            }
        }
    }

    private static func tooLong(_ bytesMax: Int) -> String {
        "it is longer than \(bytesMax / 1024 / 1024) MiB; split it into several files"
    }
}
