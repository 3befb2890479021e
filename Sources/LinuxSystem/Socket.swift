private import Glibc
package import NetworkAddress

/// An internet socket that never blocks and is closed when its owner goes away.
///
/// Every descriptor is closed on exec. Errors are the bare `Errno`: the caller knows which address and purpose to
/// name. Link-local IPv6 peers are out of reach, as an address here carries no scope.
package struct Socket: ~Copyable, Sendable {
    /// How far a connection attempt came.
    package enum ConnectProgress: Sendable {
        /// The connection stands.
        case done
        /// The answer is awaited: wait until the socket is writable, then look at `takeError()`.
        case underway
    }

    /// What a read from a stream gave.
    package enum Received: Sendable {
        /// Some bytes, at least one.
        case bytes([UInt8])
        /// The peer closed its writing side.
        case end
        /// Nothing at the moment.
        case wouldBlock
    }

    /// A connection that a listening socket took.
    package struct Accepted: ~Copyable, Sendable {
        /// The address that the connection came from.
        package let peer: TransportAddress

        fileprivate let socket: Socket

        /// Hands over the connection itself.
        package consuming func take() -> Socket { socket }
    }

    /// A datagram and the address that it came from.
    package struct Datagram: Sendable {
        /// The payload; empty for an empty datagram.
        package var bytes: [UInt8]
        /// The sender.
        package var sender: TransportAddress
    }

    /// The family that the socket was made for; an IPv6 socket may also speak to IPv4 peers.
    package let family: AddressFamily

    private let descriptor: FileDescriptor

    /// Makes a socket that is neither bound nor connected.
    ///
    /// The corresponding C function is `socket`.
    package init(_ transport: TransportProtocol, family: AddressFamily) throws(Errno) {
        let kind = transport == .udp ? SOCK_DGRAM : SOCK_STREAM
        let flags = Int32(kind.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let domain = family == .ipv4 ? AF_INET : AF_INET6
        let number = try retryingInterrupts { Glibc.socket(domain, flags, Int32(transport.rawValue)) }
        self.init(owning: FileDescriptor(owning: number), family: family)
    }

    private init(owning descriptor: consuming FileDescriptor, family: AddressFamily) {
        self.descriptor = descriptor
        self.family = family
    }

    /// The number, for waiting on readiness; it stays owned here.
    package var number: Int32 { descriptor.number }
}

// MARK: - Listening

extension Socket {
    /// Makes a socket that accepts connections; no port means that the kernel picks one.
    ///
    /// `::` accepts IPv4 clients as well, unless `acceptsIPv4` is false. The address is reused at once after a restart
    /// (`SO_REUSEADDR`).
    package static func listening(
        _ transport: TransportProtocol = .tcp,
        on address: IPAddress,
        port: Port?,
        acceptsIPv4: Bool = true,
        backlog: Int32 = 4096
    ) throws(Errno) -> Socket {
        let socket = try Socket(transport, family: address.family)
        try socket.listen(on: address, port: port, acceptsIPv4: acceptsIPv4, backlog: backlog)
        return socket
    }

    /// Binds the socket and makes it accept connections, as `listening` does.
    package borrowing func listen(
        on address: IPAddress,
        port: Port?,
        acceptsIPv4: Bool = true,
        backlog: Int32 = 4096
    ) throws(Errno) {
        try set(SO_REUSEADDR, level: SOL_SOCKET, to: 1)
        try bind(to: address, port: port, takesIPv4: acceptsIPv4)
        _ = try retryingInterrupts { Glibc.listen(number, backlog) }
    }

    /// Gives the socket its own address; no port means that the kernel picks one.
    ///
    /// `::` takes IPv4 traffic as well, unless `takesIPv4` is false, whatever `net.ipv6.bindv6only` says. The
    /// corresponding C function is `bind`.
    package borrowing func bind(to address: IPAddress, port: Port?, takesIPv4: Bool = true) throws(Errno) {
        guard let raw = KernelSocketAddress(address, port: port?.rawValue ?? 0, on: family) else {
            throw .familyNotSupported
        }
        if address.family == .ipv6 {
            try set(IPV6_V6ONLY, level: Int32(IPPROTO_IPV6), to: address.isUnspecified && takesIPv4 ? 0 : 1)
        }
        // The pointer and its length come as a pair and end with the call.
        _ = try retryingInterrupts { unsafe raw.withPointer { unsafe Glibc.bind(number, $0, $1) } }
    }

    /// Takes the next waiting connection, or returns nil when none waits.
    ///
    /// A connection that its client gave up in the meantime is passed over. The corresponding C function is `accept`.
    package borrowing func accept() throws(Errno) -> Accepted? {
        while true {
            do throws(Errno) {
                let (accepted, peer) = unsafe try KernelSocketAddress.filled { address, length throws(Errno) in
                    // `filled` lends storage for any socket address and its length.
                    try retryingInterrupts { unsafe Glibc.accept(number, address, length) }
                }
                let connection = Socket(owning: FileDescriptor(owning: accepted), family: family)
                try connection.becomePrivateAndNonblocking()
                guard let peer else { continue }
                return Accepted(peer: peer, socket: connection)
            } catch .wouldBlock {
                return nil
            } catch .connectionAborted {
                continue
            }
        }
    }

    private borrowing func becomePrivateAndNonblocking() throws(Errno) {
        // Glibc's Swift module leaves out accept4, which would set both at once; no program of ours forks between.
        _ = try retryingInterrupts { fcntl(number, F_SETFD, FD_CLOEXEC) }
        _ = try retryingInterrupts { fcntl(number, F_SETFL, O_NONBLOCK) }
    }
}

// MARK: - Connecting

extension Socket {
    /// Starts to connect; for UDP it fixes the peer, and ICMP errors are then reported to this socket.
    ///
    /// The corresponding C function is `connect`.
    package borrowing func connect(to peer: TransportAddress) throws(Errno) -> ConnectProgress {
        guard let raw = KernelSocketAddress(peer.address, port: peer.port.rawValue, on: family) else {
            throw .familyNotSupported
        }
        // The pointer and its length come as a pair. connect is not called again after a signal: the attempt goes on.
        let result = unsafe raw.withPointer { unsafe Glibc.connect(number, $0, $1) }
        if result == 0 { return .done }
        let error = Errno.current
        if error == .inProgress || error == .interrupted { return .underway }
        throw error
    }

    /// Takes the error that waits on the socket: how a connection attempt ended, or nil when it succeeded.
    ///
    /// The corresponding C option is `SO_ERROR`.
    package borrowing func takeError() throws(Errno) -> Errno? {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        // The option is one int, and the length says so.
        _ = try retryingInterrupts { unsafe getsockopt(number, SOL_SOCKET, SO_ERROR, &value, &length) }
        return value == 0 ? nil : Errno(rawValue: value)
    }

    /// The address and port at this end; nil before the socket is bound.
    ///
    /// The corresponding C function is `getsockname`.
    package borrowing func localAddress() throws(Errno) -> TransportAddress? {
        unsafe try KernelSocketAddress.filled { address, length throws(Errno) in
            // `filled` lends storage for any socket address and its length.
            try retryingInterrupts { unsafe getsockname(number, address, length) }
        }.address
    }

    /// Tells the peer that nothing more will be written; what it sends can still be read.
    ///
    /// The corresponding C function is `shutdown`.
    package borrowing func shutdownWriting() throws(Errno) {
        _ = try retryingInterrupts { shutdown(number, Int32(SHUT_WR)) }
    }
}

// MARK: - Options

extension Socket {
    /// Sends small writes at once (`TCP_NODELAY`).
    package borrowing func disableDelay() throws(Errno) { try set(TCP_NODELAY, level: Int32(IPPROTO_TCP), to: 1) }

    /// Lets the kernel find out whether a silent peer is still there.
    ///
    /// It asks after half a minute of silence, three times, and gives up on data that nobody confirms for as long
    /// (`SO_KEEPALIVE`, `TCP_KEEPIDLE`, `TCP_KEEPINTVL`, `TCP_KEEPCNT`, `TCP_USER_TIMEOUT`).
    package borrowing func keepAlive() throws(Errno) {
        try set(SO_KEEPALIVE, level: SOL_SOCKET, to: 1)
        try set(TCP_KEEPIDLE, level: Int32(IPPROTO_TCP), to: 30)
        try set(TCP_KEEPINTVL, level: Int32(IPPROTO_TCP), to: 10)
        try set(TCP_KEEPCNT, level: Int32(IPPROTO_TCP), to: 3)
        try set(TCP_USER_TIMEOUT, level: Int32(IPPROTO_TCP), to: 60_000)
    }

    /// Makes closing reset the connection, which frees the source port at once (`SO_LINGER` of zero seconds).
    package borrowing func resetWhenClosed() throws(Errno) {
        var option = linger(l_onoff: 1, l_linger: 0)
        // The option is one linger structure, and the length says so.
        _ = try retryingInterrupts {
            unsafe setsockopt(number, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }
    }

    private borrowing func set(_ option: Int32, level: Int32, to value: Int32) throws(Errno) {
        var value = value
        // The option is one int, and the length says so.
        _ = try retryingInterrupts {
            unsafe setsockopt(number, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
        }
    }
}
