private import Glibc

/// What this process uses of the machine.
package struct ProcessUsage: Hashable, Sendable {
    /// The time on processors in seconds, of the process and of the kernel for it.
    package let processorSeconds: Double
    /// The memory in RAM, in bytes.
    package let residentBytes: UInt64
    /// The address space in bytes.
    package let virtualBytes: UInt64
    /// The number of open descriptors.
    package let openDescriptors: Int
    /// The number of descriptors that may be open; nil when there is no limit.
    package let descriptorsMax: UInt64?
    /// When the process began, in seconds since 1970.
    package let startSeconds: Double

    /// Reads what this process uses now.
    ///
    /// The sources are proc(5) and `getrlimit`.
    ///
    /// - Throws: What kept a file of `/proc` from being read; `.invalidArgument` when one has another form.
    package init() throws(Errno) {
        // proc_pid_stat(5): the name in parentheses may hold anything, so fields are counted behind the last one.
        let status = try readFile(at: "/proc/self/stat")
        guard let nameEnd = status.lastIndex(of: ")") else { throw .invalidArgument }
        let fields = status[status.index(after: nameEnd)...].split(separator: " ").map { UInt64($0) }
        // The first of them is field 3, "state".
        guard fields.count > 21, let user = fields[11], let system = fields[12], let start = fields[19],
            let virtual = fields[20], let pages = fields[21]
        else { throw .invalidArgument }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        processorSeconds = Double(user + system) / ticks
        virtualBytes = virtual
        residentBytes = pages * UInt64(sysconf(Int32(_SC_PAGESIZE)))
        startSeconds = try Self.bootSeconds() + Double(start) / ticks
        // The listing itself holds one more.
        openDescriptors = try directoryEntries(at: "/proc/self/fd").count - 1
        var limit = rlimit()
        // The structure is the one that the call fills.
        _ = try retryingInterrupts { unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) }
        descriptorsMax = limit.rlim_cur == UInt64(bitPattern: -1) ? nil : UInt64(limit.rlim_cur)
    }

    /// When the machine began, in whole seconds since 1970.
    private static func bootSeconds() throws(Errno) -> Double {
        for line in try readFile(at: "/proc/stat").split(separator: "\n") where line.hasPrefix("btime ") {
            if let seconds = Double(line.dropFirst(6)) { return seconds }
        }
        throw .invalidArgument
    }
}
