private import CLinux
private import Glibc
package import NetworkAddress

/// Why a host name leads to no address (`getaddrinfo`).
package struct HostLookupError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The system's words for it.
    package let description: String
}

/// Returns the addresses of a host, those first that should be tried first; may wait for name servers.
///
/// The corresponding C function is `getaddrinfo`.
///
/// - Parameter name: The name of the host, or an address.
/// - Returns: At least one address.
/// - Throws: Why there is none.
package func addresses(ofHost name: String) throws(HostLookupError) -> [IPAddress] {
    if let address = IPAddress(parsing: name) { return [address] }
    // All pointers in it are null, as the call wants them.
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    unsafe hints.ai_flags = AI_ADDRCONFIG
    var first: UnsafeMutablePointer<addrinfo>?
    // The list is the caller's from a success on, and is freed below.
    let code = unsafe getaddrinfo(name, nil, &hints, &first)
    guard code == 0 else {
        // The text is a constant of the C library.
        throw HostLookupError(
            description: unsafe gai_strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        )
    }
    defer { unsafe freeaddrinfo(first) }
    var found: [IPAddress] = []
    var next = unsafe first
    while let entry = unsafe next {
        unsafe next = entry.pointee.ai_next
        guard let raw = unsafe entry.pointee.ai_addr else { continue }
        // The family says which structure the pointer leads to, and the C library has aligned it.
        switch unsafe Int32(raw.pointee.sa_family) {
        case AF_INET:
            let number = unsafe raw.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                unsafe UInt32(bigEndian: $0.pointee.sin_addr.s_addr)
            }
            found.append(IPAddress(ipv4: number))
        case AF_INET6:
            let octets = unsafe raw.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { address in
                unsafe withUnsafeBytes(of: &address.pointee.sin6_addr) { unsafe Array($0) }
            }
            if let address = IPAddress(octets: octets) { found.append(address) }
        default: break
        }
    }
    guard !found.isEmpty else { throw HostLookupError(description: "the name has no address") }
    return found
}
