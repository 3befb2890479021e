import Glibc
import KubernetesAPI
import LinuxSystem

@testable import Manifests

/// A directory of this test's own, which goes away with it.
final class TemporaryDirectory {
    /// The path of the directory of manifests; its parent is ours too.
    let path: String
    private let parent: String

    init() {
        var template = Array("/tmp/fairlead-manifests-XXXXXX".utf8CString)
        // mkdtemp writes the name into the array, which ends with a zero before and after.
        parent = unsafe template.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress, let name = unsafe mkdtemp(start) else { return "" }
            return unsafe String(cString: name)
        }
        precondition(!parent.isEmpty, "mkdtemp failed")
        path = "\(parent)/manifests"
        // Others than root must be able to come here, for the tests of rights.
        check(unsafe chmod(parent, 0o755))
        makeFolder("")
    }

    deinit { _ = Self.removeTree(parent) }

    /// The path of something in the directory, or beside it when it begins with `../`.
    func at(_ name: String) -> String {
        if name.hasPrefix("../") { return parent + name.dropFirst(2) }
        return name.isEmpty ? path : "\(path)/\(name)"
    }

    func makeFolder(_ name: String) { check(unsafe mkdir(at(name), 0o755)) }
    func remove(_ name: String) { check(unsafe unlink(at(name))) }
    func removeTree(_ name: String) { check(Self.removeTree(at(name)) ? 0 : -1) }
    func move(_ name: String, to other: String) { check(unsafe rename(at(name), at(other))) }
    func link(_ name: String, to destination: String) { check(unsafe symlink(destination, at(name))) }
    func setMode(_ name: String, _ mode: mode_t) { check(unsafe chmod(at(name), mode)) }
    func makePipe(_ name: String) { check(unsafe mkfifo(at(name), 0o644)) }

    /// Writes a file in place: cut to nothing, written, closed.
    func write(_ name: String, _ text: String) { OpenFile(at(name)).append(text) }

    /// Writes a file beside and moves it over, as `sed -i`, kubectl and most editors do.
    func replace(_ name: String, _ text: String, by temporary: String = "sedAbCdEf") {
        write(temporary, text)
        move(temporary, to: name)
    }

    private func check(_ result: Int32) { precondition(result == 0, "a system call of the test failed: \(errno)") }

    private static func removeTree(_ path: String) -> Bool {
        if let names = try? directoryEntries(at: path), (try? FileStatus(ofLinkAt: path))?.kind == .directory {
            for name in names where !removeTree("\(path)/\(name)") { return false }
        }
        return unsafe Glibc.remove(path) == 0
    }
}

/// A file that is open for writing, cut to nothing at first.
final class OpenFile {
    private let number: Int32

    init(_ path: String) {
        number = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        precondition(number >= 0, "cannot open \(path): \(errno)")
    }

    deinit { close(number) }

    func append(_ text: String) {
        let bytes = Array(text.utf8)
        let count = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(number, $0.baseAddress, $0.count) }
        precondition(count == bytes.count, "a short write")
    }
}

/// A directory under test, with a clock that the test turns.
final class Watched {
    let files: TemporaryDirectory
    let directory: ManifestDirectory
    private let clock: Clock

    private final class Clock {
        var time: ContinuousClock.Instant = .now
    }

    /// Opens a directory that `fill` has filled.
    init(limits: ManifestLimits = ManifestLimits(), _ fill: (TemporaryDirectory) -> Void = { _ in }) throws {
        let files = TemporaryDirectory()
        fill(files)
        let clock = Clock()
        self.files = files
        self.clock = clock
        directory = try ManifestDirectory(
            path: files.path,
            kinds: Set(ObjectKind.allCases),
            limits: limits,
            now: { clock.time }
        )
    }

    /// Lets time pass on the directory's clock.
    func wait(_ duration: Duration) { clock.time += duration }

    /// What the directory has to say now.
    func read() -> Seen { Seen(directory.readChanges()) }

    /// What the directory has to say after the longest of its waits, which it asks for by its deadline.
    func settle() -> Seen {
        var seen: [ManifestChanges] = []
        for _ in 0..<20 {
            seen.append(directory.readChanges())
            guard let deadline = directory.nextDeadline, deadline - clock.time < .seconds(6) else { break }
            clock.time = max(clock.time, deadline)
        }
        return Seen(seen)
    }

    /// How long the directory wants to be left alone; nil for ever.
    var pause: Duration? { directory.nextDeadline.map { $0 - clock.time } }

    /// Whether the descriptor is readable, so that an event loop would call.
    var isReadable: Bool {
        var item = pollfd(fd: directory.descriptor, events: Int16(POLLIN), revents: 0)
        // The kernel fills in what is ready and keeps no pointer.
        return unsafe poll(&item, 1, 0) == 1
    }
}

/// Changes in words.
struct Seen: Equatable, CustomStringConvertible {
    var changes: [String] = []
    var appeared: [String] = []
    var cleared: [String] = []
    var notices: [String] = []
    /// The objects of `changes` that are new or different.
    var applied: [KubernetesObject] = []

    init(_ all: ManifestChanges...) { self.init(all) }

    init(_ all: [ManifestChanges]) {
        for one in all {
            for change in one.changes {
                switch change {
                case .applied(let object):
                    changes.append("+ \(object.reference)")
                    applied.append(object)
                case .removed(let reference): changes.append("- \(reference)")
                }
            }
            appeared += one.appeared.map(\.description)
            cleared += one.cleared.map(\.description)
            notices += one.notices.map(\.description)
        }
    }

    /// Whether there is nothing to do and nothing to say.
    var isNothing: Bool { self == Seen() }

    var description: String {
        (changes + appeared.map { "! \($0)" } + cleared.map { "ok \($0)" }).joined(separator: "\n")
    }
}

/// Does something with the file system rights of an ordinary user, on this thread only.
///
/// The corresponding C function is `setfsuid`, which Swift's Glibc module leaves out.
func asOrdinaryUser<Result>(_ body: () -> Result) -> Result {
    typealias SetUser = @convention(c) (uid_t) -> CInt
    // The symbol is the C library's own, with just this type.
    guard let symbol = unsafe dlsym(nil, "setfsuid") else { preconditionFailure("there is no setfsuid") }
    let setUser = unsafe unsafeBitCast(symbol, to: SetUser.self)
    let user = geteuid()
    _ = setUser(65534)
    defer { _ = setUser(user) }
    return body()
}
