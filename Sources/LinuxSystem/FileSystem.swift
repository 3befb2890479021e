private import CLinux
private import Glibc

/// What the kernel says about a file (`struct stat`).
package struct FileStatus: Hashable, Sendable {
    /// The sorts of file that are told apart.
    package enum Kind: Sendable {
        case regular
        case directory
        case symbolicLink
        case other
    }

    /// The sort of file.
    package let kind: Kind
    /// The device that holds the file.
    package let device: UInt64
    /// The number of the file on its device.
    package let inode: UInt64
    /// The size in bytes.
    package let size: Int64
    /// The number of names that the file has.
    package let linkCount: UInt64
    /// When the content was last written, in nanoseconds since 1970.
    package let modifiedNanoseconds: Int64
    /// When the content, the owner, the rights or the names last changed, in nanoseconds since 1970.
    package let changedNanoseconds: Int64

    private init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .directory
            case S_IFLNK: .symbolicLink
            default: .other
            }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        linkCount = UInt64(status.st_nlink)
        modifiedNanoseconds = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
        changedNanoseconds = Int64(status.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_ctim.tv_nsec)
    }

    /// Reads the status of the file that a path leads to, through symbolic links.
    ///
    /// The corresponding C function is `stat`.
    package init(ofFileAt path: String) throws(Errno) {
        var status = stat()
        // The kernel fills the structure during the call and keeps no pointer.
        _ = try retryingInterrupts { unsafe stat(path, &status) }
        self.init(status)
    }

    /// Reads the status of a symbolic link itself, or of the file if the path is none.
    ///
    /// The corresponding C function is `lstat`.
    package init(ofLinkAt path: String) throws(Errno) {
        var status = stat()
        // The kernel fills the structure during the call and keeps no pointer.
        _ = try retryingInterrupts { unsafe lstat(path, &status) }
        self.init(status)
    }

    /// Reads the status of an open file.
    ///
    /// The corresponding C function is `fstat`.
    package init(of file: borrowing FileDescriptor) throws(Errno) {
        var status = stat()
        let number = file.number
        // The kernel fills the structure during the call and keeps no pointer.
        _ = try retryingInterrupts { unsafe fstat(number, &status) }
        self.init(status)
    }
}

extension FileDescriptor {
    /// Opens a file for reading; a named pipe or a device does not make the call wait.
    ///
    /// The corresponding C function is `open`.
    package static func open(forReading path: String) throws(Errno) -> FileDescriptor {
        let number = try retryingInterrupts { unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) }
        return FileDescriptor(owning: number)
    }

    /// Reads until the end or until there are more bytes than a limit, whichever comes first.
    ///
    /// A result longer than `limit` says that the file is too long; how much longer is unknown.
    ///
    /// `expected` is the size that the file is believed to have; a right guess saves copies.
    package borrowing func readAll(limit: Int, expected: Int = 0) throws(Errno) -> [UInt8] {
        let number = number
        var bytes: [UInt8] = []
        // One byte more than expected, so that the end shows itself without another round.
        bytes.reserveCapacity(min(max(expected, 0), limit) + 1)
        while bytes.count <= limit {
            let used = bytes.count
            let room = max(bytes.capacity - used, 64 * 1024)
            bytes.append(contentsOf: repeatElement(0, count: room))
            let count = try retryingInterrupts {
                unsafe bytes.withUnsafeMutableBytes { buffer in
                    // The slice lies within the array, which is not touched during the call.
                    let free = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[used...])
                    return unsafe Glibc.read(number, free.baseAddress, free.count)
                }
            }
            bytes.removeSubrange((used + count)...)
            if count == 0 { break }
        }
        return bytes
    }
}

/// The names in a directory, without `.` and `..`, in no particular order.
///
/// Bytes that are not UTF-8 are replaced by U+FFFD; such a name opens no file.
///
/// The corresponding C functions are `opendir` and `readdir`.
package func directoryEntries(at path: String) throws(Errno) -> [String] {
    guard let stream = unsafe opendir(path) else { throw Errno.current }
    defer { _ = unsafe closedir(stream) }
    var names: [String] = []
    while true {
        // readdir reports an error only through errno, which it leaves alone at the end.
        unsafe __errno_location().pointee = 0
        guard let entry = unsafe readdir(stream) else {
            let error = Errno.current
            if error.rawValue != 0 { throw error }
            return names
        }
        // The name is null-terminated and lives until the next readdir; it is copied here.
        let name = unsafe String(cString: clinux_entry_name(entry))
        if name != ".", name != ".." { names.append(name) }
    }
}

/// The path that a symbolic link holds.
///
/// The corresponding C function is `readlink`.
package func symbolicLinkDestination(at path: String) throws(Errno) -> String {
    var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = try retryingInterrupts {
        unsafe bytes.withUnsafeMutableBytes { buffer in
            // readlink writes no terminating zero, and at most as many bytes as it is told.
            guard let base = unsafe buffer.bindMemory(to: CChar.self).baseAddress else { return 0 }
            return unsafe readlink(path, base, buffer.count)
        }
    }
    return String(decoding: bytes[..<count], as: UTF8.self)
}

/// Gives memory that was freed back to the kernel, after work that used much of it.
///
/// The corresponding C function is `malloc_trim`.
package func releaseFreedMemory() { clinux_release_freed_memory() }

/// The time of day in nanoseconds since 1970, on the clock that stamps files.
///
/// The corresponding C function is `clock_gettime`.
package func wallClockNanoseconds() -> Int64 {
    var time = timespec()
    // The call fills the structure; it cannot fail for this clock.
    _ = unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
