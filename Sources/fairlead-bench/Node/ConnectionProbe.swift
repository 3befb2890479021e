internal import LinuxSystem
internal import NetworkAddress

/// The socket that all pods listen with.
final class PodListener: Sendable {
    private let socket: Socket

    /// Listens in the calling thread's namespace, on every address of a family.
    init(_ family: AddressFamily) throws {
        let any = family == .ipv4 ? IPAddress(ipv4: 0) : IPAddress(family: .ipv6, bits: 0)
        socket = try Socket.listening(on: any, port: SyntheticCluster.endpointPort, backlog: 4096)
    }

    /// Takes the connection that comes from a port, and returns whom it was for.
    ///
    /// Connections of others, whom their clients gave up, are let go.
    func take(from port: Port, until deadline: ContinuousClock.Instant) throws -> IPAddress {
        while true {
            if let accepted = try socket.accept() {
                let peer = accepted.peer
                let connection = accepted.take()
                if peer.port == port, let local = try connection.localAddress() { return local.address }
                continue
            }
            guard ContinuousClock.now < deadline else {
                throw BenchFault("a connection from port \(port) was made, but no pod has it")
            }
            var waits = [Readiness(of: socket.number, reading: true)]
            _ = try Readiness.wait(for: &waits, timeout: .milliseconds(10))
        }
    }
}

/// Opens TCP connections one after the other, and tells whom each of them reached.
struct ConnectionProbe: Sendable {
    /// A connection that was made, and is over.
    struct Made {
        /// The address at its other end, behind all translation.
        let endpoint: IPAddress
        /// From the call of `connect` until the connection stood.
        let duration: Duration
        /// When it stood.
        let finished: ContinuousClock.Instant
    }

    private let listener: PodListener

    init(_ listener: PodListener) { self.listener = listener }

    /// Opens a connection from the calling thread's namespace, and resets it, so that nothing is left of it.
    ///
    /// - Parameters:
    ///   - target: The address and port.
    ///   - timeout: How long it may take.
    /// - Returns: What was made.
    /// - Throws: `BenchFault` when nobody answers, or the kernel's error.
    func connect(to target: TransportAddress, timeout: Duration = .seconds(2)) throws -> Made {
        let socket = try Socket(.tcp, family: target.address.family)
        try socket.resetWhenClosed()
        let began = ContinuousClock.now
        if case .underway = try socket.connect(to: target) {
            var waits = [Readiness(of: socket.number, writing: true)]
            guard try Readiness.wait(for: &waits, timeout: timeout) else {
                throw BenchFault("nobody answers at \(target) within \(timeout)")
            }
            if let error = try socket.takeError() { throw error }
        }
        let finished = ContinuousClock.now
        guard let port = try socket.localAddress()?.port else { throw Errno.invalidArgument }
        let endpoint = try listener.take(from: port, until: finished + timeout)
        return Made(endpoint: endpoint, duration: finished - began, finished: finished)
    }
}
