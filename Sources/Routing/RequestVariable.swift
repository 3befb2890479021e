package import ByteBuffers

/// What a variable of nginx stands for, as far as it means something where requests are redirected.
package enum RequestVariable: Hashable, Sendable {
    /// The path and the query as the client sent them (`$request_uri`).
    case target
    /// The path, decoded and normalised (`$uri`, `$document_uri`).
    case path
    /// The query without its question mark (`$args`, `$query_string`).
    case query
    /// A question mark where there is a query (`$is_args`).
    case questionMark
    /// The value of one parameter of the query, as it was sent (`$arg_…`).
    case parameter([UInt8])
    /// The host in lower case without its port (`$host`).
    case host
    /// The host with its port, as it was sent (`$http_host`).
    case authority
    /// The same, as a trusted proxy tells it (`$best_http_host`).
    case forwardedAuthority
    /// What stands for the star of a host such as `*.foo.com` (`$subdomain`).
    case subdomain
    /// `http` or `https`, by the connection that the request came over (`$scheme`).
    case scheme
    /// The same, as a trusted proxy tells it (`$pass_access_scheme`).
    case forwardedScheme
    /// The port of the gateway that the client came to (`$server_port`).
    case port
    /// The same, as a trusted proxy tells it (`$pass_port`, `$pass_server_port`).
    case forwardedPort
    /// The method (`$request_method`).
    case method
    /// The address of the client (`$remote_addr`).
    case client
    /// What tells the request from others (`$request_id`, `$req_id`).
    case requestID
    /// The value of a field, named in lower case (`$http_…`).
    case field([UInt8])
    /// The value of a cookie (`$cookie_…`).
    case cookie([UInt8])
    /// What a group of the path's pattern caught (`$1` to `$9`).
    case group(Int)
    /// The namespace of the Ingress (`$namespace`).
    case namespace
    /// The name of the Ingress (`$ingress_name`).
    case ingress
    /// The Service of the path (`$service_name`).
    case service
    /// The port of that Service, as declared (`$service_port`).
    case servicePort
    /// The path as declared (`$location_path`).
    case declaredPath
    /// The host as declared (`$server_name`).
    case declaredHost

    /// The variable of a name, without the dollar sign; nil where it means nothing here.
    package init?(named name: String) {
        if let plain = Self.plain[name] {
            self = plain
        } else if let rest = Self.rest(of: name, behind: "arg_") {
            self = .parameter(rest)
        } else if let rest = Self.rest(of: name, behind: "http_") {
            // nginx writes hyphens as underscores, since a variable's name has none.
            self = .field(rest.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 })
        } else if let rest = Self.rest(of: name, behind: "cookie_") {
            // Other names are of any case; a cookie's is as it is written.
            self = .cookie(Array(name.utf8.suffix(rest.count)))
        } else if name.utf8.count == 1, let digit = name.utf8.first, (0x31...0x39).contains(digit) {
            self = .group(Int(digit - 0x30))
        } else {
            return nil
        }
    }

    /// Appends a value as it may stand in an address: nothing in it ends the line, the path or the query.
    ///
    /// - Parameters:
    ///   - value: What the variable stands for.
    ///   - isInQuery: Whether it stands behind the question mark of the address.
    ///   - output: Where it is appended.
    package func write(_ value: borrowing Span<UInt8>, isInQuery: Bool, into output: inout ByteBuffer) {
        let escaped: EscapedBytes =
            switch self {
            // These were decoded.
            case .path, .group: isInQuery ? .query : .path
            default: .forbidden
            }
        escaped.write(value, value.indices, into: &output)
    }

    private static func rest(of name: String, behind prefix: String) -> [UInt8]? {
        guard name.hasPrefix(prefix), name.utf8.count > prefix.utf8.count else { return nil }
        return Array(name.lowercased().utf8.dropFirst(prefix.utf8.count))
    }

    private static let plain: [String: RequestVariable] = [
        "request_uri": .target, "uri": .path, "document_uri": .path, "args": .query, "query_string": .query,
        "is_args": .questionMark, "host": .host, "http_host": .authority, "best_http_host": .forwardedAuthority,
        "subdomain": .subdomain, "scheme": .scheme, "pass_access_scheme": .forwardedScheme, "server_port": .port,
        "pass_port": .forwardedPort, "pass_server_port": .forwardedPort, "request_method": .method,
        "remote_addr": .client, "request_id": .requestID, "req_id": .requestID, "namespace": .namespace,
        "ingress_name": .ingress, "service_name": .service, "service_port": .servicePort,
        "location_path": .declaredPath, "server_name": .declaredHost,
    ]
}
