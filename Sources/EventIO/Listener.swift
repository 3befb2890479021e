private import CEventIO
package import LinuxSystem
package import NetworkAddress

extension Socket {
    /// Makes a socket that takes its share of the connections to a port which several sockets listen on.
    ///
    /// The connections send small writes at once. The corresponding C options are `SO_REUSEPORT` and `TCP_NODELAY`.
    ///
    /// - Parameters:
    ///   - address: The address; `::` takes IPv4 as well.
    ///   - port: The port; nil lets the kernel pick one.
    /// - Returns: The socket.
    /// - Throws: Why the kernel does not listen there.
    package static func sharingListener(on address: IPAddress, port: Port?) throws(Errno) -> Socket {
        let socket = try Socket(.tcp, family: address.family)
        let shared = ceventio_share_port(socket.number)
        guard shared == 0 else { throw Errno(rawValue: shared) }
        _ = ceventio_disable_delay(socket.number)
        try socket.listen(on: address, port: port)
        return socket
    }
}

/// A pipe through which bytes move between sockets without being copied.
package struct SplicePipe: BitwiseCopyable, Sendable {
    /// The end to read from.
    package let reading: Int32
    /// The end to write to.
    package let writing: Int32
    /// How many bytes fit.
    package let capacity: Int

    /// Opens a pipe; `close` must be called once.
    ///
    /// - Parameter capacity: How many bytes should fit; the kernel may allow fewer.
    /// - Throws: Why there is none.
    package init(capacity: Int) throws(Errno) {
        var ends: (Int32, Int32) = (-1, -1)
        // Both numbers are ours and end with the call.
        let size = unsafe ceventio_open_pipe(&ends.0, &ends.1, Int32(capacity))
        guard size > 0 else { throw Errno(rawValue: -size) }
        reading = ends.0
        writing = ends.1
        self.capacity = Int(size)
    }

    /// Closes both ends.
    package func close() {
        ceventio_close(reading)
        ceventio_close(writing)
    }
}
