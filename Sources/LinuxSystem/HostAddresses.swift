private import CLinux
private import Glibc
package import NetworkAddress

/// Why a name has no addresses.
package struct ResolutionError: Error, Equatable, CustomStringConvertible {
    /// The code of `getaddrinfo`.
    package let code: Int32

    /// The C library's own words.
    package var description: String {
        // The text is the C library's own and constant.
        unsafe String(cString: gai_strerror(code))
    }
}

/// Asks the system's resolver for the addresses of a host name; blocks until there is an answer.
///
/// The corresponding C function is `getaddrinfo`.
///
/// - Parameter name: The name.
/// - Returns: The addresses, each once, in ascending order.
/// - Throws: Why there are none.
package func resolvedAddresses(of name: String) throws(ResolutionError) -> [IPAddress] {
    let list = AddressList()
    // The context outlives the call, which visits before it returns.
    let code = unsafe clinux_resolve(
        name,
        { context, octets, count in
            guard let context = unsafe context, let octets = unsafe octets else { return }
            // C gives as many octets as the count says.
            let bytes = unsafe UnsafeBufferPointer(start: octets, count: Int(count))
            guard let address = unsafe IPAddress(octets: bytes) else { return }
            unsafe Unmanaged<AddressList>.fromOpaque(context).takeUnretainedValue().addresses.insert(address)
        },
        Unmanaged.passUnretained(list).toOpaque()
    )
    guard code == 0 else { throw ResolutionError(code: code) }
    return list.addresses.sorted()
}

/// The addresses that were visited.
private final class AddressList {
    var addresses: Set<IPAddress> = []
}
