internal import CNetfilter
private import Glibc
internal import LinuxSystem

/// A netlink socket to the kernel's netfilter, closed when its owner goes away.
///
/// The corresponding C type is `mnl_socket`.
@safe struct NetlinkSocket: ~Copyable {
    /// What one read takes: the kernel cuts its answers to at most 32 KiB, and a shorter buffer would lose their ends.
    static let receiveBytes = 64 * 1024

    // Owned: made by mnl_socket_open2, closed in deinit, used by this type alone.
    private let handle: OpaquePointer
    private let receiveBuffer: UnsafeMutableRawPointer
    private var sendBufferBytes: Int32 = 0

    private init(owning handle: OpaquePointer) {
        unsafe self.handle = handle
        unsafe receiveBuffer = .allocate(byteCount: Self.receiveBytes, alignment: 16)
    }

    /// Opens and binds a socket that never blocks on reads.
    static func open() throws(Errno) -> NetlinkSocket {
        guard let opened = unsafe mnl_socket_open2(NETLINK_NETFILTER, Int32(SOCK_CLOEXEC.rawValue)) else {
            throw .current
        }
        let socket = unsafe NetlinkSocket(owning: opened)
        guard unsafe mnl_socket_bind(socket.handle, 0, pid_t(MNL_SOCKET_AUTOPID)) == 0 else { throw .current }
        // Errors then name the offending attribute, and repeat the header of the request alone.
        try socket.setNetlinkOption(NETLINK_EXT_ACK)
        try socket.setNetlinkOption(NETLINK_CAP_ACK)
        return socket
    }

    deinit {
        _ = unsafe mnl_socket_close(handle)
        unsafe receiveBuffer.deallocate()
    }

    /// The descriptor, to wait on.
    var descriptor: Int32 { unsafe mnl_socket_get_fd(handle) }

    /// The address of the socket among those of the namespace; notifications carry their sender's.
    var portID: UInt32 { unsafe mnl_socket_get_portid(handle) }

    /// Joins a multicast group.
    ///
    /// The corresponding socket option is `NETLINK_ADD_MEMBERSHIP`.
    func join(group: Int32) throws(Errno) { try setNetlinkOption(NETLINK_ADD_MEMBERSHIP, group) }

    /// Leaves a multicast group; what has arrived stays in the queue.
    ///
    /// The corresponding socket option is `NETLINK_DROP_MEMBERSHIP`.
    func leave(group: Int32) throws(Errno) { try setNetlinkOption(NETLINK_DROP_MEMBERSHIP, group) }

    /// Sets the size of the receive queue past the limit of the system.
    ///
    /// The corresponding option is `SO_RCVBUFFORCE`.
    func setReceiveQueue(bytes: Int32) throws(Errno) { try setSocketOption(SO_RCVBUFFORCE, bytes) }

    /// Lets the kernel discard notifications that carry the given sender, before they fill the queue.
    func discardMessages(sentBy portID: UInt32) throws(Errno) {
        // Loads the word at offset 12 of struct nlmsghdr, nlmsg_pid, which a filter reads in network order.
        let program = [
            sock_filter(code: UInt16(BPF_LD | BPF_W | BPF_ABS), jt: 0, jf: 0, k: 12),
            sock_filter(code: UInt16(BPF_JMP | BPF_JEQ | BPF_K), jt: 0, jf: 1, k: portID.bigEndian),
            sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 0),
            sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: UInt32.max),
        ]
        var copy = program
        let result = unsafe copy.withUnsafeMutableBufferPointer { filters in
            var argument = unsafe sock_fprog(len: UInt16(filters.count), filter: filters.baseAddress)
            return unsafe setsockopt(
                descriptor,
                SOL_SOCKET,
                SO_ATTACH_FILTER,
                &argument,
                socklen_t(MemoryLayout<sock_fprog>.size)
            )
        }
        guard result == 0 else { throw .current }
    }

    /// Sends a whole batch in one piece, as the kernel wants it.
    mutating func send(_ messages: borrowing MessageBuffer) throws(Errno) {
        // The kernel copies the batch into one buffer, which must fit the send queue; the limit of the system
        // (net.core.wmem_max) is too small for a large cluster. The queue counts its own overhead too.
        let needed = Int32(clamping: messages.count + messages.count / 4 + 64 * 1024)
        if needed > sendBufferBytes {
            try setSocketOption(SO_SNDBUFFORCE, needed)
            sendBufferBytes = needed
        }
        _ = try retryingInterrupts { unsafe mnl_socket_sendto(handle, messages.base, messages.count) }
    }

    /// Returns the next messages of the kernel, or nil when there is none.
    ///
    /// They are valid until the next call. What other programs send to this socket is discarded: those with
    /// CAP_NET_ADMIN could forge an acknowledgement.
    ///
    /// Throws `noBufferSpace` when the queue had overrun and messages were lost, and `messageTooLong` when one was
    /// longer than the buffer, so that its end is lost.
    func receive() throws(Errno) -> UnsafeRawBufferPointer? {
        do throws(Errno) {
            while true {
                var sender = sockaddr_nl()
                var senderBytes = socklen_t(MemoryLayout<sockaddr_nl>.size)
                let count = try retryingInterrupts {
                    // The kernel writes at most as many bytes as it is told, also of the address; every socket
                    // address may be passed as the general one. MSG_TRUNC asks for the whole length.
                    unsafe withUnsafeMutablePointer(to: &sender) { address in
                        unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                            let flags = Int32(MSG_DONTWAIT | MSG_TRUNC)
                            return unsafe recvfrom(
                                descriptor,
                                receiveBuffer,
                                Self.receiveBytes,
                                flags,
                                address,
                                &senderBytes
                            )
                        }
                    }
                }
                let isFromKernel = sender.nl_pid == 0
                guard isFromKernel else { continue }
                guard count <= Self.receiveBytes else { throw .messageTooLong }
                return unsafe UnsafeRawBufferPointer(start: receiveBuffer, count: count)
            }
        } catch {
            guard error == .wouldBlock else { throw error }
            return nil
        }
    }

    private func setNetlinkOption(_ option: Int32, _ value: Int32 = 1) throws(Errno) {
        var value = value
        let result = unsafe mnl_socket_setsockopt(handle, option, &value, socklen_t(MemoryLayout<Int32>.size))
        guard result == 0 else { throw .current }
    }

    private func setSocketOption(_ option: Int32, _ value: Int32) throws(Errno) {
        var value = value
        let result = unsafe setsockopt(
            descriptor,
            SOL_SOCKET,
            option,
            &value,
            socklen_t(MemoryLayout<Int32>.size)
        )
        guard result == 0 else { throw .current }
    }
}
