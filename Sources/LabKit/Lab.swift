internal import Glibc
internal import Synchronization

/// Network namespaces, links and processes for one test; nothing of it outlives the test.
///
/// Everything is torn down by `tearDown()` or when the lab goes away, also when the test fails. What a test process
/// that was killed left behind is removed by the next one. A lab belongs to one thread.
package final class Lab {
    /// A network namespace of a lab.
    package struct Namespace: Hashable, Sendable {
        /// The name that the test gave.
        package let label: String
        /// The name that `ip netns` knows.
        package let name: String
    }

    /// Why no lab can be made on this machine, or nil when one can: the reason to show for a skipped test.
    package static let unavailableReason: String? = findUnavailableReason()

    /// Whether labs can be made here.
    package static var isAvailable: Bool { unavailableReason == nil }

    private static let namePrefix = "fairlead-lab-"
    private static let made = Atomic<Int>(0)

    /// A directory of the lab's own, for manifests and the like; it goes away with the lab.
    package let directory: String

    private let id: String
    private var namespaces: [Namespace] = []
    private var processes: [LabProcess] = []
    private var filesMade = 0

    /// Makes an empty lab, whose directory is made in `parent`, or where temporary files belong.
    package init(in parent: String? = nil) throws {
        id = "\(Self.namePrefix)\(getpid())-\(Self.made.add(1, ordering: .relaxed).newValue)"
        directory = "\(parent ?? Self.temporaryDirectory)/\(id)"
        if let parent { Self.removeLeftoverFiles(in: parent, scratch: "\(Self.temporaryDirectory)/\(id).rm") }
        try LabFiles.makeDirectory(directory)
    }

    deinit { tearDown() }

    /// Ends every process and removes every namespace and file of the lab; calling it again does nothing.
    package func tearDown() {
        for process in processes { process.kill() }
        processes = []
        for namespace in namespaces {
            // Whatever runs in the namespace was started for this lab, if not by it: nobody else knows the name.
            let pids = (try? run(["ip", "netns", "pids", namespace.name]).output) ?? ""
            for pid in pids.split(separator: "\n").compactMap({ Int32($0) }) { _ = Glibc.kill(pid, SIGKILL) }
            _ = try? run(["ip", "netns", "delete", namespace.name])
        }
        namespaces = []
        _ = try? Self.runToEnd(["rm", "-rf", directory], scratch: Self.temporaryDirectory + "/\(id).rm")
    }

    // MARK: - Namespaces

    /// Makes a namespace with its loopback up and the settings of `namespaceSettings`.
    package func makeNamespace(_ label: String) throws -> Namespace {
        let namespace = Namespace(label: label, name: "\(id)-\(label)")
        try runSuccessfully(["ip", "netns", "add", namespace.name])
        namespaces.append(namespace)
        try set(Self.namespaceSettings, in: namespace)
        try configure(["link set lo up"], in: namespace)
        return namespace
    }

    /// What every namespace starts with.
    ///
    /// New addresses are usable at once, packets may leave another way than they came, no router tells of a shorter way
    /// (all labs share one machine, where shorter ways would go round the node), and ICMP errors are never held back.
    package static let namespaceSettings = [
        "net/ipv4/conf/all/rp_filter": "0",
        "net/ipv4/conf/default/rp_filter": "0",
        "net/ipv4/conf/all/send_redirects": "0",
        "net/ipv4/conf/default/send_redirects": "0",
        "net/ipv4/icmp_ratelimit": "0",
        "net/ipv6/icmp/ratelimit": "0",
        "net/ipv6/conf/all/accept_dad": "0",
        "net/ipv6/conf/default/accept_dad": "0",
        "net/ipv6/conf/all/accept_ra": "0",
        "net/ipv6/conf/default/accept_ra": "0",
    ]

    /// Writes kernel settings, named as below `/proc/sys`.
    package func set(_ settings: [String: String], in namespace: Namespace) throws {
        // One shell writes them all: a process for each would be most of a lab's cost.
        let script = settings.sorted { $0.key < $1.key }.map { "echo \($0.value) > /proc/sys/\($0.key)" }
        try runSuccessfully(["sh", "-e"], in: namespace, input: script.joined(separator: "\n") + "\n")
    }

    /// Runs `ip` commands in a namespace, such as `addr add 10.0.0.1/24 dev eth0`, all of them or up to the first error.
    package func configure(_ commands: [String], in namespace: Namespace) throws {
        try runSuccessfully(
            ["ip", "-n", namespace.name, "-batch", "-"],
            input: commands.joined(separator: "\n") + "\n"
        )
    }

    /// Joins two namespaces by a pair of virtual Ethernet links, which are brought up.
    package func link(
        _ left: Namespace,
        _ leftInterface: String,
        _ right: Namespace,
        _ rightInterface: String
    ) throws {
        try runSuccessfully([
            "ip", "link", "add", leftInterface, "netns", left.name, "type", "veth",
            "peer", "name", rightInterface, "netns", right.name,
        ])
        try configure(["link set \(leftInterface) up"], in: left)
        try configure(["link set \(rightInterface) up"], in: right)
    }

    // MARK: - Programs

    /// Runs a command to its end, in a namespace or in the test's own.
    ///
    /// Throws when it cannot be started or does not end in time; a status other than 0 is for the test to judge.
    package func run(
        _ command: [String],
        in namespace: Namespace? = nil,
        input: String = "",
        timeout: Duration = .seconds(60)
    ) throws -> CommandResult {
        try Self.runToEnd(
            Self.entering(namespace, command),
            scratch: nextFile("run"),
            input: input,
            timeout: timeout
        )
    }

    /// Runs a command that must succeed, and returns what it printed.
    @discardableResult
    package func runSuccessfully(
        _ command: [String],
        in namespace: Namespace? = nil,
        input: String = ""
    ) throws -> String {
        let result = try run(command, in: namespace, input: input)
        guard result.isSuccess else { throw LabError.failed(Self.entering(namespace, command), result) }
        return result.output
    }

    /// Starts a program in the background, and waits until it has printed `ready` if that is given.
    ///
    /// It reads what is written to `input`, or nothing.
    package func start(
        _ command: [String],
        in namespace: Namespace? = nil,
        input: LabPipe? = nil,
        ready: String? = nil,
        timeout: Duration = .seconds(20)
    ) throws -> LabProcess {
        let process = try LabProcess(
            Self.entering(namespace, command),
            input: input?.path ?? "/dev/null",
            logPath: nextFile("log")
        )
        processes.append(process)
        if let ready { try process.waitForLine(containing: ready, timeout: timeout) }
        return process
    }

    /// Writes a file into the lab's directory in one step, and returns its path.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        let path = "\(directory)/\(name)"
        try LabFiles.write(text, to: path)
        return path
    }

    /// Makes a directory in the lab's directory, and returns its path.
    package func makeDirectory(_ name: String) throws -> String {
        let path = "\(directory)/\(name)"
        try LabFiles.makeDirectory(path)
        return path
    }

    /// Removes a file from the lab's directory.
    package func remove(_ name: String) { LabFiles.remove("\(directory)/\(name)") }

    /// Makes a pipe by which the test tells a program what to do.
    package func makePipe() throws -> LabPipe { try LabPipe(path: nextFile("pipe")) }

    private func nextFile(_ kind: String) -> String {
        filesMade += 1
        return "\(directory)/.\(kind)-\(filesMade)"
    }
}

// MARK: - The machine

extension Lab {
    private static var temporaryDirectory: String { environmentVariable("TMPDIR") ?? "/tmp" }

    private static func entering(_ namespace: Namespace?, _ command: [String]) -> [String] {
        // `ip netns exec` becomes the command, so that signals reach it.
        namespace.map { ["ip", "netns", "exec", $0.name] + command } ?? command
    }

    private static func runToEnd(
        _ command: [String],
        scratch: String,
        input: String = "",
        timeout: Duration = .seconds(60)
    ) throws -> CommandResult {
        // Files in place of pipes: nothing has to be drained, however much a command prints.
        let (inputPath, outputPath, errorPath) = ("\(scratch).in", "\(scratch).out", "\(scratch).err")
        defer { for path in [inputPath, outputPath, errorPath] { LabFiles.remove(path) } }
        if !input.isEmpty { try LabFiles.write(input, to: inputPath) }
        let child = try ChildProcess(
            command,
            input: input.isEmpty ? "/dev/null" : inputPath,
            output: outputPath,
            error: errorPath
        )
        guard let ending = child.wait(until: ContinuousClock.now + timeout) else {
            child.signal(SIGKILL)
            let printed = try LabFiles.read(outputPath) + LabFiles.read(errorPath)
            throw LabError.timedOut(command, after: timeout, output: printed)
        }
        return CommandResult(
            status: LabProcess.status(of: ending),
            output: try LabFiles.read(outputPath),
            error: try LabFiles.read(errorPath)
        )
    }

    private static func findUnavailableReason() -> String? {
        guard geteuid() == 0 else { return "network namespaces need root: run the tests as root, or with sudo" }
        let scratch = "\(temporaryDirectory)/\(namePrefix)\(getpid())-check"
        let name = "\(namePrefix)\(getpid())-check"
        do {
            removeLeftovers(scratch: scratch)
            let result = try runToEnd(["ip", "netns", "add", name], scratch: scratch)
            guard result.isSuccess else { return "network namespaces cannot be made here: \(result.error)" }
            _ = try runToEnd(["ip", "netns", "delete", name], scratch: scratch)
            return nil
        } catch {
            return "network namespaces cannot be made here: \(error) (Debian package iproute2)"
        }
    }

    /// Removes what labs of processes that are no more left behind.
    private static func removeLeftovers(scratch: String) {
        let list = (try? runToEnd(["ip", "netns", "list"], scratch: scratch).output) ?? ""
        for name in list.split(separator: "\n").compactMap({ $0.split(separator: " ").first }) where isLeftover(name) {
            let pids = (try? runToEnd(["ip", "netns", "pids", String(name)], scratch: scratch).output) ?? ""
            for pid in pids.split(separator: "\n").compactMap({ Int32($0) }) { _ = Glibc.kill(pid, SIGKILL) }
            _ = try? runToEnd(["ip", "netns", "delete", String(name)], scratch: scratch)
        }
        removeLeftoverFiles(in: temporaryDirectory, scratch: scratch)
    }

    private static func removeLeftoverFiles(in parent: String, scratch: String) {
        let files = (try? runToEnd(["ls", parent], scratch: scratch).output) ?? ""
        for name in files.split(separator: "\n") where isLeftover(name) {
            _ = try? runToEnd(["rm", "-rf", "\(parent)/\(name)"], scratch: scratch)
        }
    }

    /// Whether the process is no more that made something of this name.
    private static func isLeftover(_ name: Substring) -> Bool {
        guard name.hasPrefix(namePrefix), let pid = Int32(name.dropFirst(namePrefix.count).prefix { $0 != "-" })
        else { return false }
        return Glibc.kill(pid, 0) != 0
    }
}
