package import LinuxSystem

/// What the operator wants of the kernel's connection tracking; nil leaves the kernel's value.
package struct ConntrackSettings: Hashable, Sendable {
    /// The flows that can be tracked for each processor; nil leaves the limit alone, whatever `minimum` says.
    package var maximumPerProcessor: Int?
    /// The flows that can be tracked at least.
    package var minimum = 0
    /// How long an idle TCP connection is kept, in whole seconds.
    package var tcpEstablishedSeconds: Int?
    /// How long a TCP connection is kept that only one side has closed, in whole seconds.
    package var tcpCloseWaitSeconds: Int?
    /// Whether TCP segments outside the window count as part of their connection.
    package var isTCPLiberal = false
    /// How long a UDP flow without an answer is kept, in whole seconds.
    package var udpSeconds: Int?
    /// How long a UDP flow with answers is kept, in whole seconds.
    package var udpStreamSeconds: Int?

    /// Creates settings that leave everything as the kernel has it.
    package init() {}

    /// The most flows that a machine of many processors is given room for, unless `minimum` is more.
    package static let scaledMaximum = 1_048_576

    /// The flows that can be tracked, on a machine of so many processors; nil leaves the limit alone.
    package func maximum(processors: Int) -> Int? {
        guard let maximumPerProcessor, maximumPerProcessor > 0 else { return nil }
        return max(minimum, min(maximumPerProcessor * processors, Self.scaledMaximum))
    }

    /// The parameters that the kernel is to have, in the order in which kube-proxy sets them.
    package func parameters(processors: Int) -> [(parameter: KernelParameter, value: Int)] {
        let wanted: [(String, Int?)] = [
            ("nf_conntrack_max", maximum(processors: processors)),
            ("nf_conntrack_tcp_timeout_established", tcpEstablishedSeconds),
            ("nf_conntrack_tcp_timeout_close_wait", tcpCloseWaitSeconds),
            ("nf_conntrack_tcp_be_liberal", isTCPLiberal ? 1 : nil),
            ("nf_conntrack_udp_timeout", udpSeconds),
            ("nf_conntrack_udp_timeout_stream", udpStreamSeconds),
        ]
        return wanted.compactMap { name, value in value.map { (.netfilter(name), $0) } }
    }

    /// The buckets that the table of flows is to have at least, for chains of four flows when it is full.
    package func buckets(processors: Int) -> Int? { maximum(processors: processors).map { $0 / 4 } }
}
