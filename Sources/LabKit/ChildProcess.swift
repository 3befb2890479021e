internal import Glibc
internal import LinuxSystem

/// A process that this one started and still has to wait for.
///
/// The twin of nothing in the product: only the test kit starts programs.
final class ChildProcess {
    /// How a process ended.
    enum Ending: Hashable {
        case exited(Int32)
        case killed(signal: Int32)
    }

    /// The process, which also leads a process group of its own.
    let pid: Int32

    private(set) var ending: Ending?

    /// The time on processors of the process and of those that it waited for; zero until its end is known.
    private(set) var processorTime = Duration.zero

    /// Starts a program with the given files as its standard streams.
    ///
    /// Output is appended, so that both streams may share a file. The corresponding C function is `posix_spawnp`.
    init(_ command: [String], input: String, output: String, error: String) throws {
        guard let program = command.first else { throw LabError.notStarted(command, .invalidArgument) }
        // Both are filled by their own init functions and freed below.
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer {
            // As above.
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        let appending = O_WRONLY | O_CREAT | O_APPEND
        // The paths are copied by the calls.
        unsafe posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 1, output, appending, 0o600)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, error, appending, 0o600)
        var defaults = sigset_t()
        unsafe sigemptyset(&defaults)
        unsafe posix_spawnattr_setsigmask(&attributes, &defaults)
        unsafe sigaddset(&defaults, SIGPIPE)
        unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))

        var child: pid_t = 0
        // The arrays end in nil as C wants them, and live until the call returns; the call copies what it keeps.
        let failure = unsafe Self.withCStrings(command) { arguments in
            unsafe Self.withCStrings(Self.environment) { environment in
                unsafe posix_spawnp(&child, program, &actions, &attributes, arguments, environment)
            }
        }
        guard failure == 0 else { throw LabError.notStarted(command, Errno(rawValue: failure)) }
        pid = child
    }

    deinit {
        if poll() == nil {
            signal(SIGKILL)
            _ = wait(until: ContinuousClock.now + .seconds(5))
        }
    }

    /// Sends a signal to the process and whatever it started.
    func signal(_ number: Int32) {
        // A process that is not waited for yet keeps its number, so no stranger can be hit.
        if ending == nil { _ = kill(-pid, number) }
    }

    /// Whether and how the process ended.
    func poll() -> Ending? {
        if let ending { return ending }
        var status: Int32 = 0
        var usage = rusage()
        // The status is one int, and the usage one structure.
        guard unsafe wait4(pid, &status, WNOHANG, &usage) == pid else { return nil }
        processorTime = Self.duration(usage.ru_utime) + Self.duration(usage.ru_stime)
        // As the macros WIFEXITED, WEXITSTATUS and WTERMSIG of wait(2) do.
        let signal = status & 0x7f
        ending = signal == 0 ? .exited(status >> 8 & 0xff) : .killed(signal: signal)
        return ending
    }

    private static func duration(_ time: timeval) -> Duration {
        .seconds(Int64(time.tv_sec)) + .microseconds(Int64(time.tv_usec))
    }

    /// Waits for the end; nil says that it did not come in time.
    func wait(until deadline: ContinuousClock.Instant) -> Ending? {
        var pauseMicroseconds: UInt32 = 200
        while true {
            if let ending = poll() { return ending }
            guard ContinuousClock.now < deadline else { return nil }
            usleep(pauseMicroseconds)
            pauseMicroseconds = min(pauseMicroseconds * 2, 5000)
        }
    }

    /// What a child sees: enough to find programs and libraries, and English words whatever the user speaks.
    private static var environment: [String] {
        let kept = ["HOME", "LD_LIBRARY_PATH", "TMPDIR"].compactMap { name in
            environmentVariable(name).map { "\(name)=\($0)" }
        }
        let path = environmentVariable("PATH").map { "\($0):" } ?? ""
        return kept + ["PATH=\(path)/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8"]
    }

    private static func withCStrings<Result>(
        _ texts: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        // Each copy is freed once, after the only use.
        let copies = unsafe texts.map { unsafe strdup($0) }
        defer { unsafe copies.forEach { unsafe free($0) } }
        return unsafe body(copies + [nil])
    }
}

/// The value of an environment variable.
func environmentVariable(_ name: String) -> String? {
    // Nothing in a test process changes the environment, so the text stays where it is while it is copied.
    unsafe getenv(name).map { unsafe String(cString: $0) }
}
