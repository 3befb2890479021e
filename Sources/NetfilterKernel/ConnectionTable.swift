internal import CNetfilter
internal import LinuxSystem
package import NetworkAddress
package import Nftables

/// Which tracked connections are meant: all that have every part that is given.
package struct ConnectionFilter: Hashable, Sendable {
    /// The family of the connections.
    package var family: AddressFamily

    /// The transport protocol.
    package var transport: TransportProtocol

    /// The destination address of the connection's first packet.
    package var originalDestination: IPAddress?

    /// The destination port of the connection's first packet.
    package var originalPort: Port?

    /// Where its answers come from: the endpoint that it was translated to, or else its own destination.
    package var replySource: TransportAddress?

    /// Describes connections.
    package init(
        family: AddressFamily,
        transport: TransportProtocol,
        originalDestination: IPAddress? = nil,
        originalPort: Port? = nil,
        replySource: TransportAddress? = nil
    ) {
        self.family = family
        self.transport = transport
        self.originalDestination = originalDestination
        self.originalPort = originalPort
        self.replySource = replySource
    }
}

/// A tracked connection: what its first packet asked for, and where its answers come from.
package struct TrackedConnection: Hashable, Sendable {
    /// The destination of the first packet, before any translation.
    package let originalDestination: TransportAddress

    /// Where answers come from: the endpoint that it was translated to, or else its own destination.
    package let replySource: TransportAddress

    /// Describes a connection.
    package init(originalDestination: TransportAddress, replySource: TransportAddress) {
        self.originalDestination = originalDestination
        self.replySource = replySource
    }
}

/// The kernel's table of tracked connections, in the network namespace of the thread that opened it (ctnetlink).
///
/// Used by one thread at a time.
package final class ConnectionTable {
    private var socket: NetlinkSocket
    private var messages = MessageBuffer()
    private var sequence: UInt32 = 0

    /// Opens a connection to the kernel.
    package init() throws(RulesetError) {
        do throws(Errno) {
            socket = try NetlinkSocket.open()
            try socket.setReceiveQueue(bytes: 4 * 1024 * 1024)
        } catch {
            throw RulesetError(error, step: "socket for connection tracking")
        }
    }

    /// Forgets all connections that a filter describes, and returns how many there were.
    ///
    /// The kernel itself looks for them (`CTA_FILTER`, Linux 5.8), so that no others are copied out; each is then
    /// deleted by its tuple. One that ended in between is none the less gone.
    ///
    /// - Parameters:
    ///   - filter: Which ones the kernel looks for.
    ///   - isMeant: Which of those are meant.
    /// - Returns: How many were deleted.
    /// - Throws: Why the kernel could not be asked.
    package func deleteConnections(
        _ filter: ConnectionFilter,
        where isMeant: (TrackedConnection) -> Bool = { _ in true }
    ) throws(RulesetError) -> Int {
        var deleted = 0
        for tuple in try originalTuples(filter, isMeant) where try delete(tuple, family: filter.family) {
            deleted += 1
        }
        return deleted
    }

    /// The original tuple of each connection, as the kernel encodes it.
    private func originalTuples(
        _ filter: ConnectionFilter,
        _ isMeant: (TrackedConnection) -> Bool
    ) throws(RulesetError) -> [[UInt8]] {
        var tuples: [[UInt8]] = []
        try exchange(
            { encode(filter, &$0) },
            type: UInt16(IPCTNL_MSG_CT_GET.rawValue),
            flags: MessageFlags.dump,
            family: filter.family
        ) { message in
            let attributes = message.attributes
            guard let original = attributes.first(CTA_TUPLE_ORIG), let reply = attributes.first(CTA_TUPLE_REPLY),
                let connection = TrackedConnection(original: original, reply: reply, family: filter.family),
                filter.describesAddresses(of: connection), isMeant(connection)
            else { return }
            tuples.append(original.octets)
        }
        return tuples
    }

    /// Deletes one connection; returns whether it was still there.
    private func delete(_ tuple: [UInt8], family: AddressFamily) throws(RulesetError) -> Bool {
        do throws(RulesetError) {
            try exchange(
                { $0.put(UInt16(CTA_TUPLE_ORIG.rawValue) | UInt16(NLA_F_NESTED), tuple) },
                type: UInt16(IPCTNL_MSG_CT_DELETE.rawValue),
                flags: MessageFlags.acknowledge,
                family: family
            ) { _ in }
            return true
        } catch {
            if case .refused(let failures) = error, failures.first?.reason == .notFound { return false }
            throw error
        }
    }

    // MARK: - Messages

    private func encode(_ filter: ConnectionFilter, _ writer: inout AttributeWriter) {
        var originalFlags = FilterFlag.transport
        var replyFlags: UInt32 = 0
        if filter.originalPort != nil { originalFlags |= FilterFlag.destinationPort }
        if filter.replySource != nil { replyFlags = FilterFlag.transport | FilterFlag.sourcePort }
        // Kernels up to 6.18 at least compare IPv6 addresses the wrong way round: those that differ pass. There the
        // ports alone are left to the kernel, and `describesAddresses` looks at the addresses.
        if filter.family == .ipv4 {
            if filter.originalDestination != nil { originalFlags |= FilterFlag.destination }
            if filter.replySource != nil { replyFlags |= FilterFlag.source }
        }
        let flags = writer.begin(UInt16(CTA_FILTER.rawValue))
        writer.put(UInt16(CTA_FILTER_ORIG_FLAGS.rawValue), number: originalFlags)
        writer.put(UInt16(CTA_FILTER_REPLY_FLAGS.rawValue), number: replyFlags)
        writer.end(flags)
        writer.putTuple(
            UInt16(CTA_TUPLE_ORIG.rawValue),
            transport: filter.transport,
            destination: filter.originalDestination,
            destinationPort: filter.originalPort
        )
        if let source = filter.replySource {
            writer.putTuple(
                UInt16(CTA_TUPLE_REPLY.rawValue),
                transport: filter.transport,
                source: source.address,
                sourcePort: source.port
            )
        }
    }

    /// The parts of a tuple that the kernel compares (`CTA_FILTER_F_…` of nf_internals.h).
    private enum FilterFlag {
        static let source: UInt32 = 1 << 0
        static let destination: UInt32 = 1 << 1
        static let transport: UInt32 = 1 << 3
        static let sourcePort: UInt32 = 1 << 4
        static let destinationPort: UInt32 = 1 << 5
    }

    /// The most that a request takes: the headers, a filter and two tuples.
    private static let requestBytesMax = 1024

    private func exchange(
        _ encode: (inout AttributeWriter) -> Void,
        type: UInt16,
        flags: UInt16,
        family: AddressFamily,
        _ body: (Message) -> Void
    ) throws(RulesetError) {
        sequence &+= 1
        messages.removeAll()
        let room = unsafe messages.room(for: Self.requestBytesMax)
        guard let header = unsafe mnl_nlmsg_put_header(room) else { return }
        unsafe header.pointee.nlmsg_type = UInt16(NFNL_SUBSYS_CTNETLINK) << 8 | type
        unsafe header.pointee.nlmsg_flags = MessageFlags.request | flags
        unsafe header.pointee.nlmsg_seq = sequence
        guard let extra = unsafe mnl_nlmsg_put_extra_header(header, 4) else { return }
        // struct nfgenmsg: the family, the version (NFNETLINK_V0) and no resource.
        unsafe extra.storeBytes(of: UInt32(TableFamily(family).protocolFamily).littleEndian, as: UInt32.self)
        guard let tail = unsafe mnl_nlmsg_get_payload_tail(header) else { return }
        var writer = unsafe AttributeWriter(at: tail)
        encode(&writer)
        unsafe header.pointee.nlmsg_len += UInt32(writer.count)
        messages.finishMessage()

        var failure: Int32?
        var isDone = false
        do throws(Errno) {
            try socket.send(messages)
            while !isDone, let received = unsafe try socket.receive() {
                unsafe Message.forEach(in: received) { message in
                    guard message.sequence == sequence else { return }
                    if let answer = ErrorAnswer(message) {
                        if answer.error != 0 { failure = answer.error }
                        isDone = true
                    } else if message.type == UInt16(NLMSG_DONE) {
                        isDone = true
                    } else {
                        body(message)
                    }
                }
            }
        } catch {
            throw RulesetError(error, step: "request to connection tracking")
        }
        if let failure {
            guard failure != KernelReason.notPermitted.rawValue else { throw .notPermitted }
            throw .refused([OperationFailure(operation: nil, reason: KernelReason(rawValue: failure))])
        }
        guard isDone else { throw .channel(step: "request to connection tracking", reason: .noBufferSpace) }
    }
}

extension ConnectionFilter {
    /// Whether the addresses of a connection are those that the filter wants.
    fileprivate func describesAddresses(of connection: TrackedConnection) -> Bool {
        if let originalDestination, connection.originalDestination.address != originalDestination { return false }
        if let replySource, connection.replySource.address != replySource.address { return false }
        return true
    }
}

extension TrackedConnection {
    /// Reads a connection from its two tuples; nil for one without ports.
    fileprivate init?(original: Attributes.Attribute, reply: Attributes.Attribute, family: AddressFamily) {
        let destination = family == .ipv4 ? CTA_IP_V4_DST : CTA_IP_V6_DST
        let source = family == .ipv4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC
        func end(_ tuple: Attributes.Attribute, _ address: ctattr_ip, _ port: ctattr_l4proto) -> TransportAddress? {
            guard let octets = tuple.nested.first(CTA_TUPLE_IP)?.nested.first(address)?.octets,
                let address = IPAddress(octets: octets),
                let digits = tuple.nested.first(CTA_TUPLE_PROTO)?.nested.first(port)?.octets, digits.count == 2,
                let port = Port(UInt16(digits[0]) << 8 | UInt16(digits[1]))
            else { return nil }
            return TransportAddress(address, port)
        }
        guard let asked = end(original, destination, CTA_PROTO_DST_PORT),
            let answers = end(reply, source, CTA_PROTO_SRC_PORT)
        else { return nil }
        originalDestination = asked
        replySource = answers
    }
}

extension AttributeWriter {
    /// Writes a number in the host's order, as `CTA_FILTER` has its flags.
    fileprivate mutating func put(_ type: UInt16, number: UInt32) {
        let start = begin(type, isNested: false)
        putWord(number)
        end(start)
    }

    /// Writes the parts of a tuple that are given.
    fileprivate mutating func putTuple(
        _ type: UInt16,
        transport: TransportProtocol,
        source: IPAddress? = nil,
        sourcePort: Port? = nil,
        destination: IPAddress? = nil,
        destinationPort: Port? = nil
    ) {
        let tuple = begin(type)
        if source != nil || destination != nil {
            let addresses = begin(UInt16(CTA_TUPLE_IP.rawValue))
            if let source {
                put(UInt16((source.family == .ipv4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC).rawValue), source.octets)
            }
            if let destination {
                let type = destination.family == .ipv4 ? CTA_IP_V4_DST : CTA_IP_V6_DST
                put(UInt16(type.rawValue), destination.octets)
            }
            end(addresses)
        }
        let ports = begin(UInt16(CTA_TUPLE_PROTO.rawValue))
        put(UInt16(CTA_PROTO_NUM.rawValue), [transport.rawValue])
        if let sourcePort { put(UInt16(CTA_PROTO_SRC_PORT.rawValue), sourcePort.octets) }
        if let destinationPort { put(UInt16(CTA_PROTO_DST_PORT.rawValue), destinationPort.octets) }
        end(ports)
        end(tuple)
    }
}

extension Port {
    /// The two octets in network order.
    fileprivate var octets: [UInt8] { [UInt8(rawValue >> 8), UInt8(truncatingIfNeeded: rawValue)] }
}
