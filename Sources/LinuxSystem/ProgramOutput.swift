private import Glibc

/// What a program has printed before it ended.
package struct ProgramOutput: Hashable, Sendable {
    /// Its standard output.
    package let output: [UInt8]
    /// The status that it ended with; nil when a signal ended it.
    package let status: Int32?

    /// Why a program has no output to give.
    package enum Failure: Error, Hashable, Sendable {
        /// It cannot be started.
        case notStarted(Errno)
        /// It did not end in time, and was ended.
        case tooSlow
        /// It printed more than anybody wants to read, and was ended.
        case tooLong
    }

    /// Runs a program without standard input, and waits for its end; its standard error is that of this process.
    ///
    /// The corresponding C function is `posix_spawnp`.
    ///
    /// - Parameters:
    ///   - command: The path, or a name to look for in `PATH`.
    ///   - arguments: What follows the name.
    ///   - environment: The whole environment, as `NAME=value`.
    ///   - wait: How long it may take.
    ///   - limit: How many bytes it may print.
    /// - Throws: Why there is no output.
    package init(
        of command: String,
        arguments: [String],
        environment: [String],
        wait: Duration,
        limit: Int = 1024 * 1024
    ) throws(Failure) {
        var ends: [Int32] = [-1, -1]
        // The array holds the two numbers that the call writes.
        guard unsafe pipe(&ends) == 0 else { throw .notStarted(.current) }
        let reading = FileDescriptor(owning: ends[0])
        let child: pid_t
        do {
            let writing = FileDescriptor(owning: ends[1])
            // Other children than this one must not hold the pipe open.
            _ = fcntl(reading.number, F_SETFD, FD_CLOEXEC)
            _ = fcntl(writing.number, F_SETFD, FD_CLOEXEC)
            _ = fcntl(reading.number, F_SETFL, O_NONBLOCK)
            child = try Self.spawn([command] + arguments, environment, output: writing.number)
        }
        let deadline = ContinuousClock.now + wait
        var bytes: [UInt8] = []
        do throws(Failure) {
            try Self.read(reading, into: &bytes, until: deadline, limit: limit)
        } catch {
            kill(child, SIGKILL)
            _ = Self.end(of: child)
            throw error
        }
        output = bytes
        // A program may close its output and go on; nobody waits for it longer than for one that prints.
        while case let left = deadline - .now, left > .zero {
            if let ended = Self.endIfThere(of: child) {
                status = ended.status
                return
            }
            var none: [Readiness] = []
            _ = try? Readiness.wait(for: &none, timeout: min(left, .milliseconds(10)))
        }
        kill(child, SIGKILL)
        _ = Self.end(of: child)
        throw .tooSlow
    }

    private static func spawn(
        _ words: [String],
        _ environment: [String],
        output: Int32
    ) throws(Failure) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        // Threads of ours take no signals; a program expects to be given them.
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        // Copies of the words for C, which are freed below; a null ends each list.
        var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
        var variables = unsafe environment.map { unsafe strdup($0) } + [nil]
        defer {
            unsafe arguments.forEach { unsafe free($0) }
            unsafe variables.forEach { unsafe free($0) }
        }
        var child: pid_t = 0
        let error = unsafe posix_spawnp(&child, words[0], &actions, &attributes, &arguments, &variables)
        guard error == 0 else { throw .notStarted(Errno(rawValue: error)) }
        return child
    }

    private static func read(
        _ pipe: borrowing FileDescriptor,
        into bytes: inout [UInt8],
        until deadline: ContinuousClock.Instant,
        limit: Int
    ) throws(Failure) {
        while true {
            var waits = [Readiness(of: pipe.number, reading: true)]
            let left = deadline - .now
            do throws(Errno) {
                guard left > .zero, try Readiness.wait(for: &waits, timeout: left) else { throw Errno.timedOut }
                let piece = try pipe.read(upTo: 64 * 1024)
                if piece.isEmpty { return }
                bytes += piece
            } catch .wouldBlock {
                continue
            } catch .timedOut {
                throw .tooSlow
            } catch {
                throw .notStarted(error)
            }
            if bytes.count > limit { throw .tooLong }
        }
    }

    private static func end(of child: pid_t) -> Int32? {
        var status: Int32 = 0
        // It fails only for a process that is none of ours.
        _ = try? retryingInterrupts { unsafe waitpid(child, &status, 0) }
        return Self.code(of: status)
    }

    /// The status of a program that has ended; nil when it has not.
    private static func endIfThere(of child: pid_t) -> (status: Int32?, Void)? {
        var status: Int32 = 0
        // As above.
        let found = try? retryingInterrupts { unsafe waitpid(child, &status, WNOHANG) }
        return found == 0 ? nil : (Self.code(of: status), ())
    }

    private static func code(of status: Int32) -> Int32? {
        // The lower seven bits are the signal, the next byte is the status (wait(2)).
        status & 0x7f == 0 ? status >> 8 & 0xff : nil
    }
}

/// The environment of this process, as `NAME=value`.
///
/// The corresponding C variable is `environ`.
package func processEnvironment() -> [String] {
    var variables: [String] = []
    // The list ends with a null, and nothing in this process changes it.
    var next = unsafe environ
    while let text = unsafe next.pointee {
        variables.append(unsafe String(cString: text))
        unsafe next += 1
    }
    return variables
}

/// The value of a variable of the environment, or nil when it is not set.
///
/// The corresponding C function is `getenv`.
package func environmentVariable(_ name: String) -> String? {
    // The text belongs to the environment, and is copied at once.
    unsafe getenv(name).map { unsafe String(cString: $0) }
}
