/// What a worker counts that belongs to no route.
package enum WorkerCounter: Int, CaseIterable, Sendable {
    // Client connections that were accepted, and those that were then served.
    case accepted, handled
    // Requests whose head was understood.
    case requests
    case clientBytesReceived, clientBytesSent
    case upstreamBytesReceived, upstreamBytesSent
    // Connections to endpoints that were made, and requests that took one that was there.
    case upstreamConnections, upstreamReuses
    // Attempts after the first of a request, and endpoints that were ejected.
    case retries, ejections
    // Connections that broke before the exchange was over.
    case clientResets, upstreamResets
    case tlsHandshakes, tlsResumptions, tlsFailures

    /// The metric's name; connections and requests go under ingress-nginx's names.
    var name: String? {
        switch self {
        case .accepted, .handled, .requests: nil
        case .clientBytesReceived: "fairlead_gateway_client_received_bytes_total"
        case .clientBytesSent: "fairlead_gateway_client_sent_bytes_total"
        case .upstreamBytesReceived: "fairlead_gateway_upstream_received_bytes_total"
        case .upstreamBytesSent: "fairlead_gateway_upstream_sent_bytes_total"
        case .upstreamConnections: "fairlead_gateway_upstream_connections_total"
        case .upstreamReuses: "fairlead_gateway_upstream_connection_reuses_total"
        case .retries: "fairlead_gateway_retries_total"
        case .ejections: "fairlead_gateway_ejections_total"
        case .clientResets: "fairlead_gateway_client_resets_total"
        case .upstreamResets: "fairlead_gateway_upstream_resets_total"
        case .tlsHandshakes: "fairlead_gateway_tls_handshakes_total"
        case .tlsResumptions: "fairlead_gateway_tls_resumptions_total"
        case .tlsFailures: "fairlead_gateway_tls_failures_total"
        }
    }

    /// What it counts, in a sentence.
    var help: String {
        switch self {
        case .accepted: "Client connections that were accepted."
        case .handled: "Client connections that were served."
        case .requests: "Requests that were read."
        case .clientBytesReceived: "Bytes that clients sent."
        case .clientBytesSent: "Bytes that were sent to clients."
        case .upstreamBytesReceived: "Bytes that endpoints sent."
        case .upstreamBytesSent: "Bytes that were sent to endpoints."
        case .upstreamConnections: "Connections to endpoints that were made."
        case .upstreamReuses: "Requests that took a connection that was there."
        case .retries: "Attempts after the first of a request."
        case .ejections: "Times that an endpoint was ejected, each worker's counted by itself."
        case .clientResets: "Client connections that broke before the exchange was over."
        case .upstreamResets: "Endpoint connections that broke before the exchange was over."
        case .tlsHandshakes: "TLS handshakes that succeeded, resumptions among them."
        case .tlsResumptions: "TLS handshakes that resumed a session."
        case .tlsFailures: "TLS handshakes that failed."
        }
    }
}

/// Why a request was answered in place of an endpoint, by what is wrong with it or with its route.
package enum RefusalFault: Int, CaseIterable, Sendable {
    case malformedHead, oversizedHead, oversizedTarget, lateHead
    case malformedBody, oversizedBody, lateBody
    case unsupportedMethod, unsupportedVersion, unsupportedCoding
    case unknownRoute, noEndpoint, misdirected, denied, overloaded
    // What was declared for the route cannot be followed.
    case brokenRoute

    /// The label's text.
    var text: String {
        switch self {
        case .malformedHead: "malformed-head"
        case .oversizedHead: "oversized-head"
        case .oversizedTarget: "oversized-target"
        case .lateHead: "late-head"
        case .malformedBody: "malformed-body"
        case .oversizedBody: "oversized-body"
        case .lateBody: "late-body"
        case .unsupportedMethod: "unsupported-method"
        case .unsupportedVersion: "unsupported-version"
        case .unsupportedCoding: "unsupported-coding"
        case .unknownRoute: "unknown-route"
        case .noEndpoint: "no-endpoint"
        case .misdirected: "misdirected"
        case .denied: "denied"
        case .overloaded: "overloaded"
        case .brokenRoute: "broken-route"
        }
    }
}

/// What a worker's client connections are doing at the moment.
package struct ConnectionStates: BitwiseCopyable, Hashable, Sendable {
    /// All of them.
    package var active = 0
    /// Those whose request is being read.
    package var reading = 0
    /// Those that are being answered.
    package var writing = 0
    /// Those between two requests.
    package var waiting = 0

    /// Describes a worker without connections.
    package init() {}
}
