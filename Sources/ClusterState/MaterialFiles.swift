internal import KubeConfig
internal import LinuxSystem

/// Why the files that an access names do not give what they should.
struct AccessFault: Error, Hashable {
    let message: String
}

/// A file of the access that is read again when it has changed.
///
/// Kubernetes changes mounted files by swapping a symbolic link, so that another inode shows.
struct MaterialFile {
    private struct Signature: Hashable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let modified: Int64

        init(of path: String) throws(Errno) {
            let status = try FileStatus(ofFileAt: path)
            device = status.device
            inode = status.inode
            size = status.size
            modified = status.modifiedNanoseconds
        }
    }

    private let path: String
    private var signature: Signature?
    private(set) var bytes: [UInt8] = []

    init(path: String) { self.path = path }

    /// Reads the file if it has changed; what was read before counts on while it cannot be read.
    ///
    /// Returns whether the bytes are others than before.
    mutating func refresh(_ field: String) throws(AccessFault) -> Bool {
        do throws(Errno) {
            let now = try Signature(of: path)
            guard now != signature else { return false }
            let file = try FileDescriptor.open(forReading: path)
            let read = try file.readAll(limit: Self.bytesMax)
            guard read.count <= Self.bytesMax else { throw Errno.fileTooLarge }
            signature = now
            guard read != bytes else { return false }
            bytes = read
            return true
        } catch {
            guard bytes.isEmpty else { return false }
            throw AccessFault(message: "\(field): the file \(path) cannot be read: \(error)")
        }
    }

    /// The longest file; a bundle of all public authorities takes a quarter of it.
    private static let bytesMax = 1024 * 1024
}

/// Bytes that are at hand, or in a file that is read again when it has changed.
struct AccessMaterial {
    private let field: String
    private let fixed: [UInt8]
    private var file: MaterialFile?
    private var isFresh = true

    /// Creates what an access gives; `field` names it in errors.
    init(_ material: ClusterAccess.Material, field: String) {
        self.field = field
        switch material {
        case .bytes(let bytes): fixed = bytes
        case .file(let path):
            fixed = []
            file = MaterialFile(path: path)
        }
    }

    /// The bytes as last read.
    var bytes: [UInt8] { file?.bytes ?? fixed }

    /// Looks whether the bytes are others than at the last call.
    mutating func refresh() throws(AccessFault) -> Bool {
        defer { isFresh = false }
        guard file != nil else { return isFresh }
        return try file?.refresh(field) ?? false
    }
}
