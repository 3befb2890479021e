internal import KubernetesAPI

/// Reads the options of the ConfigMap, and keeps what is wrong with them.
struct OptionReader {
    private let configMap: ConfigMap
    private var seen: Set<String> = []
    private(set) var problems: [IngressProblem] = []

    init(_ configMap: ConfigMap) { self.configMap = configMap }

    /// Whether an option has a value.
    mutating func isGiven(_ name: String) -> Bool { text(name) != nil }

    /// The value of an option; nil when it is absent or blank.
    mutating func text(_ name: String) -> String? {
        seen.insert(name)
        guard let value = configMap.data[name] else { return nil }
        let text = TextValues.trimmed(value)
        return text.isEmpty ? nil : String(text)
    }

    /// Reads an option; nil when it is absent, blank or wrong.
    mutating func read<Value>(_ name: String, _ parse: (String) throws(ValueFault) -> Value) -> Value? {
        guard let text = text(name) else { return nil }
        do throws(ValueFault) { return try parse(text) } catch {
            report(name, "\(ObjectValue.quoted(text)) \(error.rule); the default is used")
            return nil
        }
    }

    /// Reads an option into its place, which keeps its default when the option is absent, blank or wrong.
    mutating func set<Value>(
        _ name: String,
        _ parse: (String) throws(ValueFault) -> Value,
        _ place: inout Value
    ) {
        if let value = read(name, parse) { place = value }
    }

    /// Reports every option that was not read.
    mutating func reportRest() {
        for name in configMap.data.keys.sorted() where !seen.contains(name) {
            let value = String(TextValues.trimmed(configMap.data[name] ?? ""))
            if value.isEmpty || OptionCatalogue.withoutEffect.contains(name) { continue }
            if let harmless = OptionCatalogue.harmless[name], harmless == value.lowercased() { continue }
            if OptionCatalogue.harmless[name] != nil || OptionCatalogue.unsupported.contains(name) {
                report(name, "it is not supported yet; it has no effect")
            } else {
                let known = seen.union(OptionCatalogue.harmless.keys).union(OptionCatalogue.unsupported)
                let hint = NearestName.of(name, among: known).map { "; is \($0) meant?" } ?? ""
                report(name, "there is no option \(ObjectValue.quoted(name))\(hint)")
            }
        }
    }

    /// Reports an option.
    mutating func report(_ name: String, _ message: String) {
        let metadata = configMap.metadata
        problems.append(
            IngressProblem(
                .invalidOption,
                ObjectReference(kind: .configMap, namespace: metadata.namespace, name: metadata.name),
                origin: metadata.origin,
                field: "data[\(ObjectValue.printable(name))]",
                message: message
            )
        )
    }
}

/// The options of ingress-nginx's ConfigMap that are not obeyed.
enum OptionCatalogue {
    /// Options that tune what this gateway does not have; they may stand there in peace.
    static let withoutEffect: Set<String> = [
        "allow-cross-namespace-resources", "annotations-risk-level", "bind-address", "enable-aio-write",
        "enable-multi-accept", "lua-shared-dicts", "map-hash-bucket-size", "max-worker-connections",
        "max-worker-open-files", "nginx-status-ipv4-whitelist", "nginx-status-ipv6-whitelist", "proxy-buffers-number",
        "proxy-busy-buffers-size", "proxy-headers-hash-bucket-size", "proxy-headers-hash-max-size",
        "proxy-max-temp-file-size", "reuse-port", "server-name-hash-bucket-size", "server-name-hash-max-size",
        "ssl-buffer-size", "ssl-session-cache-size", "variables-hash-bucket-size", "variables-hash-max-size",
        "worker-cpu-affinity", "client-body-buffer-size", "client-header-buffer-size",
    ]

    /// The value of an option that asks for nothing but what is done anyway.
    static let harmless: [String: String] = [
        "allow-snippet-annotations": "false", "enable-brotli": "false", "enable-ocsp": "false",
        "enable-real-ip": "false",
        "enable-modsecurity": "false", "enable-opentelemetry": "false", "enable-underscores-in-headers": "false",
        "proxy-add-original-uri-header": "false", "proxy-buffering": "off",
        "proxy-request-buffering": "off", "server-tokens": "false", "ssl-early-data": "false",
        "ssl-session-tickets": "false", "use-gzip": "false", "use-http2": "false", "use-proxy-protocol": "false",
        "use-geoip": "false", "use-geoip2": "false", "preserve-trailing-slash": "false", "relative-redirects": "false",
        "ignore-invalid-headers": "true", "ssl-protocols": "tlsv1.2 tlsv1.3", "enable-owasp-modsecurity-crs": "false",
        "proxy-ssl-location-only": "false", "error-log-level": "notice",
        "no-auth-locations": "/.well-known/acme-challenge",
        "no-tls-redirect-locations": "/.well-known/acme-challenge", "proxy-http-version": "1.1",
    ]

    /// Options that are known, and not obeyed yet.
    static let unsupported: Set<String> = [
        "access-log-params", "add-headers", "block-referers", "block-user-agents", "brotli-level",
        "brotli-min-length", "brotli-types", "custom-http-errors", "error-log-path", "forwarded-for-header",
        "global-allowed-response-headers", "global-auth-cache-duration", "global-auth-cache-key", "global-auth-method",
        "global-auth-request-redirect", "global-auth-response-headers", "global-auth-signin", "global-auth-snippet",
        "gzip-disable", "gzip-level", "gzip-min-length", "gzip-types", "hide-headers", "http-access-log-path",
        "http-snippet", "http2-max-concurrent-streams", "large-client-header-buffers", "limit-conn-status-code",
        "limit-rate", "limit-rate-after", "limit-req-status-code", "location-snippet",
        "log-format-escape-none", "log-format-stream", "main-snippet", "otel-max-queuesize",
        "otel-sampler", "otel-sampler-parent-based", "otel-sampler-ratio", "otel-service-name", "otlp-collector-host",
        "otlp-collector-port", "plugins", "proxy-buffer-size", "proxy-cookie-domain", "proxy-cookie-path",
        "proxy-headers", "proxy-protocol-header-timeout", "proxy-redirect-from", "proxy-redirect-to",
        "proxy-set-headers", "proxy-stream-next-upstream", "proxy-stream-next-upstream-timeout",
        "proxy-stream-next-upstream-tries", "proxy-stream-responses", "proxy-stream-timeout", "server-snippet",
        "ssl-ciphers", "ssl-dh-param", "ssl-ecdh-curve", "ssl-session-cache",
        "ssl-session-ticket-key", "ssl-session-timeout", "stream-snippet", "upstream-hash-by",
        "upstream-keepalive-time", "worker-processes", "worker-serial-reloads", "worker-shutdown-timeout",
    ]
}
