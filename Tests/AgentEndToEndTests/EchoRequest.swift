import Glibc
import LabKit
import LinuxSystem
import NetworkAddress
import Testing

/// What became of an ICMP echo request.
enum EchoOutcome: Hashable {
    /// An echo reply came.
    case answered
    /// The sender was told that the port is unreachable.
    case portUnreachable
    /// The sender was told something else.
    case otherwiseRefused(type: UInt8, code: UInt8)
    /// The sender's own kernel did not let it out.
    case notSent
    /// Nothing came.
    case silence
}

/// Sends an ICMP echo request from a namespace, as `ping` does, and waits for what comes of it.
func echo(_ address: String, from namespace: Lab.Namespace) throws -> EchoOutcome {
    let destination = try #require(IPAddress(parsing: address))
    return try withNetworkNamespace(named: namespace.name) {
        let socket = try EchoSocket(over: destination.family)
        do throws(Errno) {
            try socket.send(to: destination)
        } catch {
            guard error == .notPermitted else { throw error }
            return .notSent
        }
        // What is meant for the neighbours comes here, too.
        let deadline = ContinuousClock.now + .seconds(1)
        while ContinuousClock.now < deadline {
            var waits = [LinuxSystem.Readiness(of: socket.number, reading: true)]
            guard try LinuxSystem.Readiness.wait(for: &waits, timeout: deadline - .now) else { break }
            if let outcome = try socket.receive() { return outcome }
        }
        return .silence
    }
}

/// A raw socket: it takes and gives whole ICMP messages.
private struct EchoSocket: ~Copyable {
    private let family: AddressFamily
    let number: Int32

    init(over family: AddressFamily) throws(Errno) {
        self.family = family
        let isIPv4 = family == .ipv4
        let transport = isIPv4 ? IPPROTO_ICMP : IPPROTO_ICMPV6
        number = Glibc.socket(isIPv4 ? AF_INET : AF_INET6, Int32(SOCK_RAW.rawValue), Int32(transport))
        guard number >= 0 else { throw .current }
    }

    deinit { close(number) }

    func send(to destination: IPAddress) throws(Errno) {
        // Type, code, checksum, identifier and number; the kernel writes the checksum of ICMPv6 itself.
        var message: [UInt8] = [family == .ipv4 ? 8 : 128, 0, 0, 0, 0xfa, 0x1e, 0, 1]
        if family == .ipv4 {
            let sum = stride(from: 0, to: message.count, by: 2).reduce(UInt32(0)) { sum, index in
                sum + UInt32(message[index]) << 8 + UInt32(message[index + 1])
            }
            let checksum = ~UInt16(truncatingIfNeeded: sum + sum >> 16)
            message[2] = UInt8(checksum >> 8)
            message[3] = UInt8(checksum & 255)
        }
        let octets = destination.octets
        let sent: Int
        if family == .ipv4 {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            unsafe withUnsafeMutableBytes(of: &address.sin_addr) { unsafe $0.copyBytes(from: octets) }
            sent = Self.send(message, through: number, to: &address)
        } else {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            unsafe withUnsafeMutableBytes(of: &address.sin6_addr) { unsafe $0.copyBytes(from: octets) }
            sent = Self.send(message, through: number, to: &address)
        }
        guard sent == message.count else { throw .current }
    }

    /// Sends to a socket address, which is passed with its own size.
    private static func send<Address>(_ message: [UInt8], through number: Int32, to address: inout Address) -> Int {
        unsafe withUnsafeBytes(of: &address) { bytes in
            let general = unsafe bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
            return unsafe sendto(number, message, message.count, 0, general, socklen_t(bytes.count))
        }
    }

    /// Reads one message; nil when it is about something else.
    func receive() throws(Errno) -> EchoOutcome? {
        var message = [UInt8](repeating: 0, count: 2048)
        let count = unsafe recv(number, &message, message.count, 0)
        guard count >= 0 else { throw .current }
        // IPv4 sockets get the header, too, whose length in words is in the lower half of its first byte.
        let start = family == .ipv4 ? Int(message[0] & 15) * 4 : 0
        guard count >= start + 8 else { return nil }
        let (type, code) = (message[start], message[start + 1])
        switch (family, type) {
        case (.ipv4, 0), (.ipv6, 129): return .answered
        case (.ipv4, 3), (.ipv6, 1):
            let isPort = code == (family == .ipv4 ? 3 : 4)
            return isPort ? .portUnreachable : .otherwiseRefused(type: type, code: code)
        default: return nil
        }
    }
}
