private import Glibc

extension Errno {
    /// A connection attempt has begun and goes on by itself (`EINPROGRESS`).
    package static let inProgress = Errno(rawValue: EINPROGRESS)
    /// Another socket holds the address and port (`EADDRINUSE`).
    package static let addressInUse = Errno(rawValue: EADDRINUSE)
    /// The address belongs to no interface, or no source port is left (`EADDRNOTAVAIL`).
    package static let addressNotAvailable = Errno(rawValue: EADDRNOTAVAIL)
    /// The kernel was built or booted without this address family (`EAFNOSUPPORT`).
    package static let familyNotSupported = Errno(rawValue: EAFNOSUPPORT)
    /// No route leads to the host, or a router said so (`EHOSTUNREACH`).
    package static let hostUnreachable = Errno(rawValue: EHOSTUNREACH)
    /// No route leads to the network (`ENETUNREACH`).
    package static let networkUnreachable = Errno(rawValue: ENETUNREACH)
    /// The peer closed its reading side before the write (`EPIPE`).
    package static let brokenPipe = Errno(rawValue: EPIPE)
    /// A connection went away before it was accepted (`ECONNABORTED`).
    package static let connectionAborted = Errno(rawValue: ECONNABORTED)
    /// This process may hold no more descriptors (`EMFILE`).
    package static let tooManyOpenFiles = Errno(rawValue: EMFILE)
    /// The whole system may hold no more descriptors (`ENFILE`).
    package static let tooManyOpenFilesInSystem = Errno(rawValue: ENFILE)
}
