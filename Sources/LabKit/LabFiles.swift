internal import Glibc
internal import LinuxSystem

/// The few file operations that a lab needs.
enum LabFiles {
    /// Makes a directory that only its owner may enter.
    static func makeDirectory(_ path: String) throws {
        // The path is copied by the kernel.
        guard unsafe mkdir(path, 0o700) == 0 else { throw LabError.file(path, .current) }
    }

    /// Writes a file that must not exist yet, or replaces one whole.
    static func write(_ text: String, to path: String) throws {
        // Written aside and renamed, as a reader that watches the directory must never see half a file.
        let aside = "\(path).new"
        // The paths are copied by the kernel.
        let number = unsafe open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw LabError.file(aside, .current) }
        try FileDescriptor(owning: number).writeAll(Array(text.utf8))
        guard unsafe rename(aside, path) == 0 else { throw LabError.file(path, .current) }
    }

    /// Reads a whole file; a missing one reads as empty.
    static func read(_ path: String) throws -> String {
        // The path is copied by the kernel.
        let number = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else {
            if Errno.current == .noSuchFile { return "" }
            throw LabError.file(path, .current)
        }
        let file = FileDescriptor(owning: number)
        var bytes: [UInt8] = []
        while true {
            let more = try file.read(upTo: 65_536)
            if more.isEmpty { return String(decoding: bytes, as: UTF8.self) }
            bytes += more
        }
    }

    /// Removes a file, if it is there.
    static func remove(_ path: String) {
        // The path is copied by the kernel.
        _ = unsafe unlink(path)
    }

    /// Whether a program may be run.
    static func isExecutable(_ path: String) -> Bool {
        // As above.
        unsafe access(path, X_OK) == 0
    }
}
