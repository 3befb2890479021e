internal import KubernetesAPI
internal import LoadBalancing
internal import NetworkAddress
internal import Routing

/// What the gateway's ConfigMap says, as values.
struct GatewayOptions: Hashable, Sendable {
    /// What holds for all routes.
    var settings = ProxySettings()
    /// What holds for Ingresses that say nothing.
    var defaults = RouteDefaults()
    /// Whether handshakes for unknown names are turned away.
    var rejectsUnknownNames = false

    /// Creates the options of a gateway without a ConfigMap.
    init() {}

    /// Reads a ConfigMap; a wrong option is reported, and counts as absent.
    ///
    /// - Parameters:
    ///   - configMap: The object.
    ///   - httpsPort: The port in redirects where the options want one.
    ///   - problems: Gets what is wrong.
    init(_ configMap: ConfigMap, httpsPort: UInt16, problems: inout [IngressProblem]) {
        var reader = OptionReader(configMap)
        readSettings(&reader, httpsPort: httpsPort)
        readConnections(&reader)
        readDefaults(&reader)
        rejectsUnknownNames = reader.read("ssl-reject-handshake", TextValues.bool) ?? false
        if reader.isGiven("global-auth-url") {
            defaults.refusesAll = true
            reader.report(
                "global-auth-url",
                "it is not supported yet; routes answer 503 unless enable-global-auth is false"
            )
        }
        reader.reportRest()
        problems += reader.problems
    }

    private mutating func readSettings(_ reader: inout OptionReader, httpsPort: UInt16) {
        reader.set("use-forwarded-headers", TextValues.bool, &settings.trustsForwardedFields)
        reader.set("compute-full-forwarded-for", TextValues.bool, &settings.appendsForwardedFor)
        reader.set("proxy-real-ip-cidr", TextValues.ranges, &settings.trustedProxies)
        if settings.trustsForwardedFields, settings.trustedProxies.isEmpty {
            reader.report(
                "use-forwarded-headers",
                "nobody's fields are believed until proxy-real-ip-cidr says whose"
            )
        }
        if let code = reader.read("http-redirect-code", Self.redirectCode) { settings.httpsRedirectStatus = code }
        if reader.read("use-port-in-redirects", TextValues.bool) == true { settings.redirectPort = httpsPort }
        reader.set("allow-backend-server-header", TextValues.bool, &settings.keepsServerField)
        reader.set("generate-request-id", TextValues.bool, &settings.makesRequestID)
        reader.set("forward-raw-path", TextValues.bool, &settings.forwardsRawPath)
        readTransportSecurity(&reader)
        readAccessLog(&reader)
    }

    private mutating func readAccessLog(_ reader: inout OptionReader) {
        for name in ["disable-access-log", "disable-http-access-log"] where reader.read(name, TextValues.bool) == true {
            settings.writesAccessLog = false
        }
        let targets = (reader.text("skip-access-log-urls") ?? "").split(separator: ",").map { TextValues.trimmed($0) }
        settings.unloggedTargets = targets.filter { $0.hasPrefix("/") }.map { Array($0.utf8) }
        if let other = targets.first(where: { !$0.hasPrefix("/") }) {
            let text = ObjectValue.quoted(String(other))
            reader.report(
                "skip-access-log-urls",
                "\(text) is no path, and patterns are not supported; it has no effect"
            )
        }
        for name in ["access-log-path", "http-access-log-path"] where reader.isGiven(name) {
            reader.report(name, "the command line says where the access log goes: --access-log")
        }
        if reader.read("log-format-escape-json", TextValues.bool) == true {
            reader.report("log-format-escape-json", "the command line says how lines look: --access-log-format=json")
        }
        if reader.isGiven("log-format-upstream") {
            reader.report(
                "log-format-upstream",
                "lines look as --access-log-format says: ingress-nginx's own format, or JSON"
            )
        }
    }

    private mutating func readTransportSecurity(_ reader: inout OptionReader) {
        let age = reader.read("hsts-max-age") { text throws(ValueFault) in
            try TextValues.integer(text, in: 0...Int(Int32.max))
        }
        let coversSubdomains = reader.read("hsts-include-subdomains", TextValues.bool) ?? true
        let preloads = reader.read("hsts-preload", TextValues.bool) ?? false
        guard reader.read("hsts", TextValues.bool) ?? true else {
            settings.strictTransportSecurity = nil
            return
        }
        var value = "max-age=\(age ?? 31_536_000)"
        if coversSubdomains { value += "; includeSubDomains" }
        if preloads { value += "; preload" }
        settings.strictTransportSecurity = Array(value.utf8)
    }

    private mutating func readConnections(_ reader: inout OptionReader) {
        let seconds = { (text: String) throws(ValueFault) in try TextValues.seconds(text) }
        let count = { (text: String) throws(ValueFault) in Int32(try TextValues.integer(text, in: 1...Int(Int32.max))) }
        reader.set("client-header-timeout", seconds, &settings.headMilliseconds)
        reader.set("client-body-timeout", seconds, &settings.bodyMilliseconds)
        reader.set("keep-alive", seconds, &settings.idleMilliseconds)
        reader.set("keep-alive-requests", count, &settings.requestsPerConnectionMax)
        reader.set("upstream-keepalive-connections", count, &settings.idleUpstreamsMax)
        reader.set("upstream-keepalive-timeout", seconds, &settings.upstreamIdleMilliseconds)
        reader.set("upstream-keepalive-requests", count, &settings.requestsPerUpstreamMax)
    }

    private mutating func readDefaults(_ reader: inout OptionReader) {
        let seconds = { (text: String) throws(ValueFault) in try TextValues.seconds(text) }
        reader.set("proxy-body-size", TextValues.size, &defaults.limits.bodyBytesMax)
        reader.set("proxy-connect-timeout", seconds, &defaults.limits.connectMilliseconds)
        reader.set("proxy-read-timeout", seconds, &defaults.limits.readMilliseconds)
        reader.set("proxy-send-timeout", seconds, &defaults.limits.sendMilliseconds)
        reader.set("proxy-next-upstream", TextValues.retryConditions, &defaults.limits.retryOn)
        let attempts = { (text: String) throws(ValueFault) in
            Int32(try TextValues.integer(text, in: 0...Int(Int32.max)))
        }
        reader.set("proxy-next-upstream-tries", attempts, &defaults.limits.attemptsMax)
        let retry = { (text: String) throws(ValueFault) in try TextValues.seconds(text, from: 0) }
        reader.set("proxy-next-upstream-timeout", retry, &defaults.limits.retryMilliseconds)
        reader.set("ssl-redirect", TextValues.bool, &defaults.redirectsToHTTPS)
        reader.set("force-ssl-redirect", TextValues.bool, &defaults.alwaysRedirectsToHTTPS)
        reader.set("service-upstream", TextValues.bool, &defaults.usesServiceAddress)
        reader.set("strict-validate-path-type", TextValues.bool, &defaults.checksPaths)
        reader.set("load-balance", IngressReading.balancing, &defaults.balancing)
        // Who may is decided by nobody rather than by a mistake.
        for (name, path) in [
            ("whitelist-source-range", \RouteDefaults.allowed), ("denylist-source-range", \.denied),
            ("block-cidrs", \.blocked),
        ] {
            guard let text = reader.text(name) else { continue }
            do throws(ValueFault) { defaults[keyPath: path] = try TextValues.ranges(text) } catch {
                defaults.refusesAll = true
                reader.report(name, "\(ObjectValue.quoted(text)) \(error.rule); the routes answer 503")
            }
        }
    }

    private static func redirectCode(_ text: String) throws(ValueFault) -> UInt16 {
        guard let code = UInt16(text), [301, 302, 307, 308].contains(code) else {
            throw ValueFault("is none of 301, 302, 307 and 308")
        }
        return code
    }
}
