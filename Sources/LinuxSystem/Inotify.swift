private import Glibc

/// A queue of what happens in watched directories (inotify(7)).
package struct Inotify: ~Copyable, Sendable {
    /// The number by which the kernel knows a watch; it is never used again for another one.
    package struct Watch: RawRepresentable, Hashable, Sendable {
        package let rawValue: Int32

        package init(rawValue: Int32) { self.rawValue = rawValue }
    }

    /// What can happen to a directory or in it.
    package struct Happenings: OptionSet, Hashable, Sendable {
        package let rawValue: UInt32

        package init(rawValue: UInt32) { self.rawValue = rawValue }

        /// A file was written to or cut (`IN_MODIFY`).
        package static let modified = Happenings(rawValue: 0x0000_0002)
        /// The owner, the rights or the number of names changed (`IN_ATTRIB`).
        package static let attributesChanged = Happenings(rawValue: 0x0000_0004)
        /// A file that was open for writing was closed (`IN_CLOSE_WRITE`).
        package static let closedAfterWriting = Happenings(rawValue: 0x0000_0008)
        /// A name was moved away (`IN_MOVED_FROM`).
        package static let movedFrom = Happenings(rawValue: 0x0000_0040)
        /// A name was moved here (`IN_MOVED_TO`).
        package static let movedTo = Happenings(rawValue: 0x0000_0080)
        /// A name was made (`IN_CREATE`).
        package static let created = Happenings(rawValue: 0x0000_0100)
        /// A name was deleted (`IN_DELETE`).
        package static let deleted = Happenings(rawValue: 0x0000_0200)
        /// The watched directory itself was deleted (`IN_DELETE_SELF`).
        package static let selfDeleted = Happenings(rawValue: 0x0000_0400)
        /// The watched directory itself was moved (`IN_MOVE_SELF`).
        package static let selfMoved = Happenings(rawValue: 0x0000_0800)
        /// The file system was unmounted (`IN_UNMOUNT`); reported without being asked for.
        package static let unmounted = Happenings(rawValue: 0x0000_2000)
        /// Events were lost because the queue was full (`IN_Q_OVERFLOW`); reported without being asked for.
        package static let overflowed = Happenings(rawValue: 0x0000_4000)
        /// The watch has ended (`IN_IGNORED`); reported without being asked for.
        package static let watchEnded = Happenings(rawValue: 0x0000_8000)
        /// What happened, happened to a directory (`IN_ISDIR`); reported without being asked for.
        package static let onDirectory = Happenings(rawValue: 0x4000_0000)
    }

    /// One thing that happened.
    package struct Event: Hashable, Sendable {
        /// The watch that saw it; -1 for an overflow.
        package let watch: Watch
        /// What happened.
        package let happenings: Happenings
        /// The name in the directory; empty for what happened to the directory itself.
        package let name: String
    }

    private let file: FileDescriptor

    /// Opens a queue, whose reads do not wait.
    ///
    /// The corresponding C function is `inotify_init1`.
    package init() throws(Errno) {
        let number = try retryingInterrupts { inotify_init1(Int32(O_CLOEXEC | O_NONBLOCK)) }
        file = FileDescriptor(owning: number)
    }

    /// The number to wait on: it becomes readable when something happened.
    package var descriptor: Int32 { file.number }

    /// Watches a directory, or changes what is watched for in it; anything but a directory is `ENOTDIR`.
    ///
    /// `ENOSPC` says that the user has `fs.inotify.max_user_watches` watches already.
    ///
    /// The corresponding C function is `inotify_add_watch`.
    package borrowing func watchDirectory(at path: String, for happenings: Happenings) throws(Errno) -> Watch {
        let number = file.number
        let onlyDirectories: UInt32 = 0x0100_0000  // IN_ONLYDIR
        return Watch(
            rawValue: try retryingInterrupts {
                unsafe inotify_add_watch(number, path, happenings.rawValue | onlyDirectories)
            }
        )
    }

    /// Ends a watch; one that has ended already is no error.
    ///
    /// The corresponding C function is `inotify_rm_watch`.
    package borrowing func remove(_ watch: Watch) { _ = inotify_rm_watch(file.number, watch.rawValue) }

    /// Reads a batch of what happened; an empty one says that there is no more for now.
    package borrowing func readEvents() throws(Errno) -> [Event] {
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try file.read(upTo: 64 * 1024)
        } catch {
            if error == .wouldBlock { return [] }
            throw error
        }
        return Self.events(in: bytes)
    }

    /// Parses the records of inotify(7): watch, mask, cookie, length of the name, name padded with zeros.
    static func events(in bytes: [UInt8]) -> [Event] {
        func word(at offset: Int) -> UInt32 {
            // The kernel writes in the machine's own byte order.
            UInt32(littleEndian: 1) == 1
                ? (0..<4).reversed().reduce(0) { $0 << 8 | UInt32(bytes[offset + $1]) }
                : (0..<4).reduce(0) { $0 << 8 | UInt32(bytes[offset + $1]) }
        }
        var events: [Event] = []
        var offset = 0
        while offset + 16 <= bytes.count {
            let end = offset + 16 + Int(word(at: offset + 12))
            guard end <= bytes.count else { break }
            events.append(
                Event(
                    watch: Watch(rawValue: Int32(bitPattern: word(at: offset))),
                    happenings: Happenings(rawValue: word(at: offset + 4)),
                    name: String(decoding: bytes[(offset + 16)..<end].prefix { $0 != 0 }, as: UTF8.self)
                )
            )
            offset = end
        }
        return events
    }
}
