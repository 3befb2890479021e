internal import HTTPSemantics
internal import KubernetesAPI
internal import LoadBalancing
internal import NetworkAddress
internal import PatternMatching
internal import Routing

/// An Ingress with its annotations as values.
struct IngressReading: Sendable {
    /// The object.
    var ingress: Ingress
    /// What it says about its paths.
    let policy: IngressPolicy
    /// What is wrong with its annotations and paths.
    let problems: [IngressProblem]

    /// Whether it takes a part of another's requests instead of making routes.
    var isCanary: Bool { policy.canary != nil }

    /// Whether its hosts are reached over HTTPS, with a certificate of their own or the default one.
    var asksForHTTPS: Bool { !isCanary && !ingress.tls.isEmpty }

    /// Reads an Ingress.
    ///
    /// - Parameters:
    ///   - ingress: The object.
    ///   - prefix: What stands before the slash in the names of annotations.
    ///   - defaults: What holds where it says nothing.
    init(_ ingress: Ingress, prefix: String, defaults: RouteDefaults) {
        var reader = AnnotationReader(ingress, prefix: prefix)
        var policy = IngressPolicy()
        let isGuarded = reader.reportUnobeyed()
        policy.redirect = Self.redirect(&reader)
        policy.appRoot = reader.read("app-root", TextValues.rootedPath)
        policy.httpsRedirect = Self.httpsRedirect(&reader, defaults)
        policy.clients = Self.clients(&reader, defaults)
        policy.rewriteTarget = reader.text("rewrite-target")
        policy.usesRegex = reader.read("use-regex", TextValues.bool) ?? false
        policy.upstreamHost = Self.upstreamHost(&reader)
        policy.affinity = Self.affinity(&reader)
        policy.balancing = reader.read("load-balance", Self.balancing) ?? defaults.balancing
        policy.scheme = Self.scheme(&reader)
        policy.usesServiceAddress = reader.read("service-upstream", TextValues.bool) ?? defaults.usesServiceAddress
        policy.limits = Self.limits(&reader, defaults.limits)
        policy.canary = Self.canary(&reader)
        let isExempt = reader.read("enable-global-auth", TextValues.bool) == false
        policy.isRefused = isGuarded || reader.isRefused || (defaults.refusesAll && !isExempt)
        if policy.isRefused {
            // ingress-nginx denies a location before any of its redirects.
            policy.redirect = nil
            policy.httpsRedirect = .never
        }
        var kept = ingress
        var problems = reader.problems
        if defaults.checksPaths { kept.removeOddPaths(problems: &problems) }
        self.ingress = kept
        self.policy = policy
        self.problems = problems
    }

    private static func redirect(_ reader: inout AnnotationReader) -> Redirect? {
        // The temporary one goes first. ingress-nginx falls back on a standard code in place of another; so do we, and say so.
        for (name, last, standard) in [("temporal-redirect", 307, 302), ("permanent-redirect", 308, 301)] {
            guard let location = reader.read(name, otherwise: .refuses, TextValues.location) else { continue }
            let code = reader.read("\(name)-code") { text throws(ValueFault) in
                try TextValues.integer(text, in: 300...last)
            }
            return Redirect(status: HTTPStatus(rawValue: UInt16(code ?? standard)), location: location)
        }
        return nil
    }

    private static func httpsRedirect(_ reader: inout AnnotationReader, _ defaults: RouteDefaults) -> HTTPSRedirect {
        let always = reader.read("force-ssl-redirect", TextValues.bool) ?? defaults.alwaysRedirectsToHTTPS
        let ordinary = reader.read("ssl-redirect", TextValues.bool) ?? defaults.redirectsToHTTPS
        return always ? .always : ordinary ? .withCertificate : .never
    }

    private static func clients(_ reader: inout AnnotationReader, _ defaults: RouteDefaults) -> ClientRules? {
        let allowed = reader.read(
            "allowlist-source-range",
            alias: "whitelist-source-range",
            otherwise: .refuses,
            TextValues.ranges
        )
        let denied = reader.read("denylist-source-range", otherwise: .refuses, TextValues.ranges)
        let rules = ClientRules(
            denied: defaults.blocked + (denied ?? defaults.denied),
            allowed: allowed ?? defaults.allowed
        )
        return rules.denied.isEmpty && rules.allowed.isEmpty ? nil : rules
    }

    private static func upstreamHost(_ reader: inout AnnotationReader) -> RequestTemplate? {
        // These stand for what the backend sees anyway.
        if let text = reader.text("upstream-vhost"), ["$http_host", "$best_http_host"].contains(text) { return nil }
        return reader.read("upstream-vhost", TextValues.hostField)
    }

    /// Reads how endpoints take turns.
    static func balancing(_ text: String) throws(ValueFault) -> BalancingPolicy {
        switch text {
        case "round_robin": .roundRobin
        case "ewma": .peakEWMA
        default: throw ValueFault("is neither round_robin nor ewma")
        }
    }

    private static func scheme(_ reader: inout AnnotationReader) -> Backend.Scheme? {
        guard let text = reader.text("backend-protocol") else { return nil }
        switch text.uppercased() {
        case "HTTP": return .http
        case "HTTPS": return .https
        case "AUTO_HTTP":
            reader.add(
                .unsupportedAnnotation,
                "backend-protocol",
                "AUTO_HTTP is not supported yet; it is taken for HTTP"
            )
            return .http
        case "GRPC", "GRPCS", "FCGI":
            reader.report("backend-protocol", "is not supported yet", otherwise: .refuses)
            return .http
        default:
            reader.report("backend-protocol", "is none of HTTP, HTTPS, GRPC, GRPCS, AUTO_HTTP and FCGI")
            return .http
        }
    }

    private static func limits(_ reader: inout AnnotationReader, _ defaults: RouteLimits) -> RouteLimits {
        var limits = defaults
        if let value = reader.read("proxy-body-size", TextValues.size) { limits.bodyBytesMax = value }
        let seconds = { (text: String) throws(ValueFault) in try TextValues.seconds(text) }
        if let value = reader.read("proxy-connect-timeout", seconds) { limits.connectMilliseconds = value }
        if let value = reader.read("proxy-read-timeout", seconds) { limits.readMilliseconds = value }
        if let value = reader.read("proxy-send-timeout", seconds) { limits.sendMilliseconds = value }
        if let value = reader.read("proxy-next-upstream", TextValues.retryConditions) { limits.retryOn = value }
        let attempts = reader.read("proxy-next-upstream-tries") { text throws(ValueFault) in
            try TextValues.integer(text, in: 0...Int(Int32.max))
        }
        if let attempts { limits.attemptsMax = Int32(attempts) }
        let retry = reader.read("proxy-next-upstream-timeout") { text throws(ValueFault) in
            try TextValues.seconds(text, from: 0)
        }
        if let retry { limits.retryMilliseconds = retry }
        return limits
    }
}

extension Ingress {
    /// Leaves out the paths that `strict-validate-path-type` does not let pass.
    fileprivate mutating func removeOddPaths(problems: inout [IngressProblem]) {
        for (index, rule) in rules.enumerated() {
            let oddPaths = rule.paths.filter { path in
                path.type != .implementationSpecific && !path.path.utf8.allSatisfy(Self.isPlain)
            }
            rules[index].paths.removeAll(where: oddPaths.contains)
            for path in oddPaths {
                problems.append(
                    problem(
                        .invalidRegex,
                        at: "spec.rules[\(rule.position)].http.paths[\(path.position)].path",
                        "\(ObjectValue.quoted(path.path)) of type \(path.type.rawValue) holds more than letters, digits, "
                            + "., _, - and /, which strict-validate-path-type demands; the path is left out"
                    )
                )
            }
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-")...UInt8(ascii: "/"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
