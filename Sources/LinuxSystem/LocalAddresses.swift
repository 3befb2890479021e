private import CLinux
private import Glibc
package import NetworkAddress

/// The addresses of this network namespace's interfaces, and news of their changes.
package struct LocalAddresses: ~Copyable {
    private let handle: FileDescriptor

    /// Starts to listen for changes.
    ///
    /// - Throws: Why the kernel gives no netlink socket.
    package init() throws(Errno) {
        let number = clinux_open_address_monitor()
        guard number >= 0 else { throw .current }
        handle = FileDescriptor(owning: number)
    }

    /// The descriptor, which is readable when an address came or went.
    package var descriptor: Int32 { handle.number }

    /// Forgets the news that wait; read `current` after this.
    package func drain() {
        while true {
            do throws(Errno) {
                if try handle.read(upTo: 32 * 1024).isEmpty { return }
            } catch {
                // Lost news are as good as news: the addresses are read as a whole.
                if error != .noBufferSpace { return }
            }
        }
    }

    /// Returns the addresses of all interfaces, sorted.
    ///
    /// The corresponding C function is `getifaddrs`.
    package static func current() throws(Errno) -> [IPAddress] {
        let list = AddressList()
        let context = unsafe Unmanaged.passUnretained(list).toOpaque()
        // C calls the closure with as many octets as the count says, before the function returns.
        let result = unsafe clinux_each_local_address(
            { context, _, octets, count in
                guard let context = unsafe context, let octets = unsafe octets else { return }
                let list = unsafe Unmanaged<AddressList>.fromOpaque(context).takeUnretainedValue()
                let bytes = unsafe Array(UnsafeBufferPointer(start: octets, count: Int(count)))
                if let address = IPAddress(octets: bytes) { list.addresses.insert(address) }
            },
            context
        )
        guard result == 0 else { throw .current }
        return list.addresses.sorted()
    }
}

/// Addresses on their way out of a C callback.
private final class AddressList {
    var addresses: Set<IPAddress> = []
}
