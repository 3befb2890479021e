package import NetworkAddress

/// What all workers of a gateway have in common, and does not change while they run.
package struct WorkerSettings: Sendable {
    /// A port that the gateway listens on.
    package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
        /// The address to listen on; `::` takes IPv4 as well.
        package var address: IPAddress
        /// The port; nil lets the kernel pick one.
        package var port: Port?
        /// Whether TLS is spoken there.
        package var isTLS: Bool

        /// `http://[::]:80`.
        package var description: String {
            let host = address.family == .ipv6 ? "[\(address)]" : "\(address)"
            return "\(isTLS ? "https" : "http")://\(host):\(port.map { "\($0)" } ?? "any")"
        }

        /// Creates an endpoint.
        package init(address: IPAddress, port: Port?, isTLS: Bool) {
            self.address = address
            self.port = port
            self.isTLS = isTLS
        }
    }

    /// Where the gateway listens.
    package var endpoints: [Endpoint] = []
    /// The number of connections of a worker; beyond, no more are taken until some end.
    package var connectionsMax = 16_384
    /// How long the TLS handshake may take, in milliseconds.
    package var handshakeMilliseconds: Int64 = 10_000
    /// How long a client has to take note of a connection's end, in milliseconds.
    package var lingerMilliseconds: Int64 = 5_000
    /// How long a client that has ended its side of the connection is taken to be there, in milliseconds.
    package var departureMilliseconds: Int64 = 1_000
    /// How long a client may be awaited within one body before its rate counts, in milliseconds.
    package var bodyGraceMilliseconds: Int64 = 10_000
    /// How many bytes of a body must come in a second of waiting for it, after that; 0 for any number.
    package var bodyBytesPerSecondMin: Int64 = 500
    /// How many interim responses an endpoint may send before the final one.
    package var interimResponsesMax: UInt16 = 100
    /// How many bytes are read of one connection at a time at most.
    package var readBytesMax = 128 * 1024
    /// From how many bytes of a body on it moves through a pipe, in clear on both sides.
    package var spliceBytesMin: Int64 = 256 * 1024
    /// How many bytes may wait for slow clients and endpoints in one worker before reads become small.
    package var pendingBytesMax = 256 << 20

    /// Creates the settings of a gateway that listens nowhere.
    package init() {}
}
