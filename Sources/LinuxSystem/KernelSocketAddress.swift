internal import Glibc
internal import NetworkAddress

/// An IP address and port in the form that socket calls take and give (`sockaddr_in`, `sockaddr_in6`).
enum KernelSocketAddress {
    case ipv4(sockaddr_in)
    case ipv6(sockaddr_in6)

    /// Writes an address for a socket of the given family; no port means "any".
    ///
    /// An IPv4 address becomes its mapped form on an IPv6 socket. Returns nil for an IPv6 address on an IPv4 socket.
    init?(_ address: IPAddress, port: UInt16, on family: AddressFamily) {
        switch (family, address.family) {
        case (.ipv4, .ipv4):
            var raw = sockaddr_in()
            raw.sin_family = sa_family_t(AF_INET)
            raw.sin_port = port.bigEndian
            raw.sin_addr.s_addr = address.ipv4Number.bigEndian
            self = .ipv4(raw)
        case (.ipv6, _):
            let bits = address.family == .ipv6 ? address.bits : 0xffff << 32 | address.bits
            var raw = sockaddr_in6()
            raw.sin6_family = sa_family_t(AF_INET6)
            raw.sin6_port = port.bigEndian
            // The octets are copied over exactly the sixteen bytes of the field.
            unsafe withUnsafeMutableBytes(of: &raw.sin6_addr) { field in
                unsafe field.copyBytes(from: IPAddress(family: .ipv6, bits: bits).octets)
            }
            self = .ipv6(raw)
        case (.ipv4, .ipv6):
            return nil
        }
    }

    /// Reads what a call such as `getpeername` wrote, or returns nil when it is no internet address with a port.
    ///
    /// A mapped IPv4 address comes back as the IPv4 address that is on the wire.
    static func read(_ storage: sockaddr_storage) -> TransportAddress? {
        var storage = storage
        switch Int32(storage.ss_family) {
        case AF_INET:
            // sockaddr_storage is large enough and aligned for every socket address; the family says which one it is.
            let raw = unsafe withUnsafeBytes(of: &storage) { unsafe $0.load(as: sockaddr_in.self) }
            guard let port = Port(rawValue: UInt16(bigEndian: raw.sin_port)) else { return nil }
            return TransportAddress(IPAddress(ipv4: UInt32(bigEndian: raw.sin_addr.s_addr)), port)
        case AF_INET6:
            // As above.
            var raw = unsafe withUnsafeBytes(of: &storage) { unsafe $0.load(as: sockaddr_in6.self) }
            // The octets are read inside the closure and outlive it as an array.
            let octets = unsafe withUnsafeBytes(of: &raw.sin6_addr) { unsafe Array($0) }
            guard let port = Port(rawValue: UInt16(bigEndian: raw.sin6_port)), let address = IPAddress(octets: octets)
            else { return nil }
            let isMapped = address.bits >> 32 == 0xffff
            return TransportAddress(isMapped ? IPAddress(ipv4: address.ipv4Number) : address, port)
        default:
            return nil
        }
    }

    /// Lends the address to a socket call.
    func withPointer<Result>(_ call: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        switch self {
        case .ipv4(var raw):
            // The pointer is used only during the call, and the length is that of the structure behind it.
            unsafe withUnsafePointer(to: &raw) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe call($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        case .ipv6(var raw):
            // As above.
            unsafe withUnsafePointer(to: &raw) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe call($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        }
    }

    /// Runs a call that fills in a socket address; returns its result and the address that it wrote.
    static func filled<Result>(
        by call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) throws(Errno) -> Result
    ) throws(Errno) -> (result: Result, address: TransportAddress?) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        // The call writes at most `length` bytes, which is the whole of the storage.
        let outcome: Swift.Result<Result, Errno> = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                do throws(Errno) { return .success(unsafe try call(address, &length)) } catch { return .failure(error) }
            }
        }
        return (try outcome.get(), read(storage))
    }
}
