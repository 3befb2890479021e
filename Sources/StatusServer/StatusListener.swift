package import NetworkAddress

/// An address and port that a status server answers on, as its caller knows it.
package struct StatusListener: Hashable, Sendable {
    let number: Int

    /// Where it listens; the port is the kernel's choice when none was asked for.
    package let address: TransportAddress
}

/// Makes the answer to a request.
///
/// It runs on the server's thread, and so must neither wait nor take long.
package typealias StatusHandler = @Sendable (StatusRequest) -> StatusResponse
