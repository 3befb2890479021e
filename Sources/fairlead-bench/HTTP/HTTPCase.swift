/// One thing that is measured of every subject.
struct HTTPCase {
    /// What is done to find it out.
    enum Work {
        /// Requests over connections that stay, for a body of so many bytes.
        case requests(body: BackendBody, connections: Int, isTLS: Bool)
        /// Requests as above, with so many hosts in the table, all of which are asked for in turn.
        case routes(hosts: Int)
        /// A new TLS connection for each request.
        case handshakes(resumed: Bool)
        /// Requests that come at a rate which nothing holds up.
        case latency
        /// Memory of connections on which nothing happens, and after a request on each.
        case memory(isTLS: Bool)
    }

    let name: String
    let work: Work

    /// Everything that is measured, in this order.
    static let all: [HTTPCase] =
        [
            requests(.small, 1), requests(.small, 32), requests(.small, 256), requests(.small, 1000),
            requests(.medium, 32), requests(.large, 16), requests(.small, 32, isTLS: true),
            requests(.medium, 32, isTLS: true),
            HTTPCase(name: "handshake-full", work: .handshakes(resumed: false)),
            HTTPCase(name: "handshake-resumed", work: .handshakes(resumed: true)),
            HTTPCase(name: "latency", work: .latency),
        ]
        + [10, 100, 1000, 10_000].map { HTTPCase(name: "routes-\($0)", work: .routes(hosts: $0)) }
        + [
            HTTPCase(name: "memory-plain", work: .memory(isTLS: false)),
            HTTPCase(name: "memory-tls", work: .memory(isTLS: true)),
        ]

    private static func requests(_ body: BackendBody, _ connections: Int, isTLS: Bool = false) -> HTTPCase {
        HTTPCase(
            name: "\(body.byteCount)-c\(connections)\(isTLS ? "-tls" : "")",
            work: .requests(body: body, connections: connections, isTLS: isTLS)
        )
    }
}
