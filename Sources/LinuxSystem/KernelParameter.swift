private import Glibc

/// A parameter of the kernel that is a whole number in a file, below `/proc/sys` or `/sys`.
package struct KernelParameter: Hashable, Sendable, CustomStringConvertible {
    /// The path of the file.
    package let path: String

    /// Names a parameter by the path of its file.
    package init(path: String) { self.path = path }

    /// Names a parameter of netfilter in the network namespace of the process, such as `nf_conntrack_max`.
    package static func netfilter(_ name: String) -> KernelParameter {
        KernelParameter(path: "/proc/sys/net/netfilter/\(name)")
    }

    /// The number of buckets of the table of tracked flows, which all network namespaces share.
    package static let conntrackBuckets = KernelParameter(path: "/sys/module/nf_conntrack/parameters/hashsize")

    /// How gladly the kernel ends this process when memory runs out: from -1000, never, to 1000.
    package static let outOfMemoryScore = KernelParameter(path: "/proc/self/oom_score_adj")

    /// Reads the parameter.
    ///
    /// Throws `invalidArgument` when the file holds no number.
    package func read() throws(Errno) -> Int {
        let text = try readFile(at: path).filter { $0 != "\n" }
        guard let number = Int(text) else { throw .invalidArgument }
        return number
    }

    /// Writes the parameter; the file must be there.
    ///
    /// The corresponding C functions are `open` and `write`.
    package func write(_ number: Int) throws(Errno) {
        let path = path
        let descriptor = try retryingInterrupts { unsafe open(path, O_WRONLY | O_CLOEXEC) }
        let file = FileDescriptor(owning: descriptor)
        // The kernel takes a number in one write or not at all.
        try file.writeAll(Array("\(number)\n".utf8))
    }

    package var description: String { path }
}

/// The number of processors that run.
///
/// The corresponding C function is `sysconf(_SC_NPROCESSORS_ONLN)`.
package func onlineProcessorCount() -> Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
