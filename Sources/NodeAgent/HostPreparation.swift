package import LinuxSystem
package import Telemetry

/// What is done to the host before the agent runs, and may need more rights than the agent: `--init-only` stops here.
///
/// A parameter that already has its value is not written, so that an agent with fewer rights starts after one that
/// prepared the host.
package struct HostPreparation {
    private let options: AgentOptions
    private let log: Logger

    /// Creates a preparation.
    package init(options: AgentOptions, log: Logger) {
        self.options = options
        self.log = log
    }

    /// Sets the parameters of connection tracking, and the score for when memory runs out.
    ///
    /// - Throws: The parameter of connection tracking that cannot be set; without it flows could be lost. Anything
    ///   else that does not work is told and passed over.
    package func apply() throws(HostPreparationError) {
        let processors = onlineProcessorCount()
        for (parameter, value) in options.conntrack.parameters(processors: processors) {
            try set(parameter, value)
        }
        if let buckets = options.conntrack.buckets(processors: processors) { try growTable(buckets) }
        if let score = options.outOfMemoryScore { setOutOfMemoryScore(score) }
    }

    private func set(_ parameter: KernelParameter, _ value: Int) throws(HostPreparationError) {
        var current: Int?
        do throws(Errno) {
            current = try parameter.read()
            guard current != value else { return }
            try parameter.write(value)
            log.info("set a parameter of the kernel", ["path": .text(parameter.path), "value": .integer(value)])
        } catch {
            throw HostPreparationError(parameter: parameter, value: value, current: current, reason: error)
        }
    }

    /// Makes the table of flows larger when it is too small; it belongs to the whole machine.
    private func growTable(_ buckets: Int) throws(HostPreparationError) {
        let parameter = KernelParameter.conntrackBuckets
        var current: Int?
        do throws(Errno) {
            current = try parameter.read()
            guard current.map({ $0 < buckets }) ?? true else { return }
            try parameter.write(buckets)
            log.info("set a parameter of the kernel", ["path": .text(parameter.path), "value": .integer(buckets)])
        } catch  where error == .readOnlyFileSystem {
            // Containers often see /sys read-only; a table of few buckets is slow when it is full, and loses nothing.
            log.warning(
                "\(parameter) cannot be set to \(buckets): \(error); connection tracking works, but is slower with many "
                    + "flows; set it on the host, or mount /sys for writing"
            )
        } catch {
            throw HostPreparationError(parameter: parameter, value: buckets, current: current, reason: error)
        }
    }

    private func setOutOfMemoryScore(_ score: Int) {
        do throws(Errno) {
            guard try KernelParameter.outOfMemoryScore.read() != score else { return }
            try KernelParameter.outOfMemoryScore.write(score)
        } catch {
            log.debug(
                "\(KernelParameter.outOfMemoryScore) cannot be set to \(score): \(error); to lower it a process needs "
                    + "CAP_SYS_RESOURCE"
            )
        }
    }
}

/// A parameter of connection tracking that the operator wants and the kernel does not take.
package struct HostPreparationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The parameter.
    package let parameter: KernelParameter
    /// The value that it was to have.
    package let value: Int
    /// The value that it has, if it can be read.
    package let current: Int?
    /// Why.
    package let reason: Errno

    package var description: String {
        let now = current.map { ", it stays \($0)" } ?? ""
        return "\(parameter) cannot be set to \(value)\(now): \(reason); \(advice)"
    }

    private var advice: String {
        switch parameter {
        case .netfilter("nf_conntrack_max"), .conntrackBuckets:
            "outside the machine's first network namespace it can only be read: set conntrack.maxPerCore to 0 to leave "
                + "it alone, or run --init-only on the host with all rights"
        case _ where reason == .noSuchFile:
            "the kernel has no connection tracking loaded (modprobe nf_conntrack)"
        default:
            "run --init-only with all rights and /proc/sys mounted for writing, or set this field of conntrack to 0 to "
                + "leave it alone"
        }
    }
}
