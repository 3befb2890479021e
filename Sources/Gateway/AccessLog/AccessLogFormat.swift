/// How lines of the access log look.
package enum AccessLogFormat: String, CaseIterable, Sendable {
    /// The line of ingress-nginx, byte for byte.
    ///
    /// ```
    /// $remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer"
    /// "$http_user_agent" $request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name]
    /// $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id
    /// ```
    case upstreamInfo = "upstreaminfo"
    /// A JSON object a line.
    case json
}

/// Where the access log goes.
package enum AccessLogTarget: Hashable, Sendable {
    /// Nowhere.
    case off
    /// To the standard output.
    case standardOutput
    /// To the end of a file.
    case file(String)

    /// Reads the value of `--access-log`: `off`, `-` or a path.
    package init(option: String) {
        self =
            switch option {
            case "off", "": .off
            case "-": .standardOutput
            default: .file(option)
            }
    }
}
