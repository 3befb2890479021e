internal import ByteBuffers
internal import HTTPWire
internal import IngressDiscovery
internal import StatusServer

/// What an operator on this machine may ask a gateway: its configuration, and why a request goes where it goes.
struct GatewayViews: Sendable {
    let desk: DirectoryDesk

    /// The answer to a request; nil when its path is none of ours.
    func answer(_ request: StatusRequest) -> StatusResponse? {
        let view: (StatusRequest) -> StatusResponse
        switch request.path {
        case "/configuration": view = configuration
        case "/explain": view = explanation
        default: return nil
        }
        // Routes and addresses are nobody's business who can only reach the port.
        guard request.isLocal else { return .plain(.forbidden, "this is told to clients on the same machine alone\n") }
        return view(request)
    }

    private func configuration(_ request: StatusRequest) -> StatusResponse {
        guard let directory = desk.ask(within: Self.patience)?.directory else { return Self.busy }
        return .plain(.ok, directory.describe())
    }

    private func explanation(_ request: StatusRequest) -> StatusResponse {
        guard let question = ExplainedRequest(query: request.query) else {
            return .plain(.badRequest, "ask as /explain?host=HOST&path=PATH; special characters of PATH as in a URL\n")
        }
        guard let path = question.normalisedPath else {
            return .plain(.ok, "Answer    400: the path is refused, as it leads out of the root or holds a NUL\n")
        }
        guard let directory = desk.ask(within: Self.patience)?.directory else { return Self.busy }
        return .plain(.ok, directory.explain(host: question.host, path: path))
    }

    private static let patience = Duration.milliseconds(500)
    private static let busy = StatusResponse.plain(.unavailable, "the gateway is busy with a change; ask again\n")
}

/// The request that `/explain` is asked about.
package struct ExplainedRequest {
    /// The host in lower case, without port and dot at its end.
    package let host: String
    private let rawPath: [UInt8]

    /// Reads `host=…&path=…`, or returns nil; the path stays escaped as a client would send it.
    package init?(query: String) {
        var values: [Substring: Substring] = [:]
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0] == "host" || parts[0] == "path", values[parts[0]] == nil else {
                return nil
            }
            values[parts[0]] = parts[1]
        }
        guard values["host"] != nil || values["path"] != nil else { return nil }
        var host = (values["host"] ?? "").lowercased()
        // The colons of an IPv6 address stand within its brackets.
        let name = host.hasPrefix("[") ? host.firstIndex(of: "]") ?? host.startIndex : host.startIndex
        if let colon = host[name...].firstIndex(of: ":") { host = String(host[..<colon]) }
        if host.hasSuffix(".") { host.removeLast() }
        self.host = host
        let path = values["path"] ?? "/"
        // A query is no part of the path; nor can a path begin otherwise.
        rawPath = Array((path.hasPrefix("/") ? path : "/" + path).prefix { $0 != "?" }.utf8)
    }

    /// The path as routes are matched with it; nil for one that is refused.
    package var normalisedPath: [UInt8]? {
        var text = ByteBuffer(capacity: rawPath.count)
        switch NormalisedPath.normalise(rawPath.span, into: &text) {
        case .refused: return nil
        case .same: return rawPath
        case .changed:
            var path: [UInt8] = []
            for index in text.bytes.indices { path.append(text.bytes[index]) }
            return path
        }
    }
}
