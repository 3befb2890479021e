internal import HTTPSemantics
internal import KubernetesAPI
internal import LoadBalancing
internal import Routing
internal import TLS

extension IngressDirectory {
    /// The compiled routes, backends and certificates as text for people, as of the last `compile`.
    ///
    /// Hosts and paths stand in the order in which they are asked, and all else in that of names, so that two gateways
    /// with the same objects print the same.
    package func describe() -> String {
        var text = describeTables() + "Warnings\n"
        let warnings = problems
        if warnings.isEmpty { text += "  none\n" }
        for warning in warnings { text += "  \(warning)\n" }
        return text
    }

    /// The same without warnings.
    func describeTables() -> String {
        var text = ""
        for host in hostsInOrder { text += describe(host) }
        text += section("Backends", TextColumns(["NAME", "SPOKEN", "TURNS", "ENDPOINTS"], backendRows))
        text += section("Certificates", TextColumns(["HOST", "KEY", "NAMES", "SECRETS"], certificateRows))
        return text
    }

    /// Named hosts by name, then wildcards, those with more labels first, then all others.
    private var hostsInOrder: [String] {
        hosts.filter { $0.value.compiled != nil }.keys.sorted { left, right in
            let (leftRank, rightRank) = (Self.rank(left), Self.rank(right))
            if leftRank != rightRank { return leftRank < rightRank }
            let (leftLabels, rightLabels) = (left.count { $0 == "." }, right.count { $0 == "." })
            if leftRank == 1, leftLabels != rightLabels { return leftLabels > rightLabels }
            return left < right
        }
    }

    private static func rank(_ host: String) -> Int { host.isEmpty ? 2 : host.hasPrefix("*.") ? 1 : 0 }

    private func describe(_ host: String) -> String {
        guard let state = hosts[host], let virtual = state.compiled else { return "" }
        var title = "Host \(virtual.name)"
        if virtual.hasCertificate { title += ", HTTPS" }
        if let root = virtual.appRoot { title += ", / goes to \(ObjectValue.printable(root.text))" }
        var slots: [Int: RouteSlot] = [:]
        for (slot, id) in state.routeIDs { slots[id] = slot }
        var rows: [[String]] = []
        for route in virtual.allRoutes { rows.append(row(route, slots[route.id], in: virtual)) }
        rows.append(row(virtual.fallback, .fallback, in: virtual))
        return section(title, TextColumns(["MATCH", "PATH", "INGRESS", "LEADS TO", "NOTES"], rows))
    }

    private func row(_ route: Route, _ slot: RouteSlot?, in host: VirtualHost) -> [String] {
        let origin = route.origin
        let name = NamespacedName(origin.namespace, origin.ingress)
        var (match, path) = ("else", "")
        if case .path(let text, let kind)? = slot {
            match = matching(text, kind, of: route, in: host)
            path = ObjectValue.printable(text)
        }
        let owner = origin.ingress.isEmpty ? "-" : name.description
        return [match, path, owner, target(of: route), notes(on: route, in: host)]
    }

    /// How a path of a host is compared.
    func matching(_ path: String, _ kind: PathRule.Match, of route: Route, in host: VirtualHost) -> String {
        let name = NamespacedName(route.origin.namespace, route.origin.ingress)
        let asks = readings[name]?.policy.asksForPatterns(path: path) ?? false
        let isPattern = settings.isPathRegexStrict ? asks : host.hasPatterns
        return isPattern ? "regex" : kind == .exact ? "exact" : "prefix"
    }

    func target(of route: Route) -> String {
        if let redirect = route.redirect {
            return "\(redirect.status.rawValue) \(ObjectValue.printable(redirect.location.text))"
        }
        if let refusal = route.refusal { return "\(refusal.rawValue)" }
        guard let id = route.backend, let entry = registers.backends.entries[id] else { return "-" }
        return entry.fault == nil ? entry.key.name : "503 (\(entry.key.name))"
    }

    func notes(on route: Route, in host: VirtualHost) -> String {
        var notes: [String] = []
        switch route.httpsRedirect {
        case .never: break
        case .withCertificate: if host.hasCertificate { notes.append("ssl-redirect") }
        case .always: notes.append("force-ssl-redirect")
        }
        if let canary = route.canary {
            var parts: [String] = []
            if let header = canary.header { parts.append("header \(String(decoding: header, as: UTF8.self))") }
            if let cookie = canary.cookie { parts.append("cookie \(String(decoding: cookie, as: UTF8.self))") }
            parts.append("\(canary.weight)/\(canary.weightTotal)")
            notes.append("canary \(canary.name) (\(parts.joined(separator: ", ")))")
        }
        let name = NamespacedName(route.origin.namespace, route.origin.ingress)
        if route.rewrite != nil, let target = readings[name]?.policy.rewriteTarget {
            notes.append("rewrite \(ObjectValue.printable(target))")
        }
        if let clients = route.clients {
            if !clients.denied.isEmpty { notes.append("deny \(Self.list(clients.denied))") }
            if !clients.allowed.isEmpty { notes.append("allow \(Self.list(clients.allowed))") }
        }
        if let host = route.upstreamHost { notes.append("host \(String(decoding: host, as: UTF8.self))") }
        if let affinity = route.affinity { notes.append("cookie \(String(decoding: affinity.name, as: UTF8.self))") }
        notes += Self.notes(on: route.limits, besides: options.defaults.limits)
        return notes.joined(separator: "; ")
    }

    private static func notes(on limits: RouteLimits, besides defaults: RouteLimits) -> [String] {
        var notes: [String] = []
        if limits.bodyBytesMax != defaults.bodyBytesMax { notes.append("body \(limits.bodyBytesMax) B") }
        for (name, field) in [
            ("connect", \RouteLimits.connectMilliseconds), ("read", \.readMilliseconds), ("send", \.sendMilliseconds),
            ("retry", \.retryMilliseconds),
        ] where limits[keyPath: field] != defaults[keyPath: field] {
            notes.append("\(name) \(limits[keyPath: field] / 1000) s")
        }
        if limits.attemptsMax != defaults.attemptsMax { notes.append("tries \(limits.attemptsMax)") }
        if limits.retryOn != defaults.retryOn { notes.append("other retries") }
        return notes
    }

    private var backendRows: [[String]] {
        registers.backends.entries.values.sorted { $0.key < $1.key }.map { entry in
            let scheme = entry.compiled?.scheme == .https ? "https" : "http"
            let policy = entry.key.policy == .peakEWMA ? "ewma" : "round_robin"
            let endpoints = Self.list(entry.compiled?.endpoints.map(\.address) ?? [])
            return [entry.key.name, scheme, policy, endpoints.isEmpty ? "none" : endpoints]
        }
    }

    private var certificateRows: [[String]] {
        var rows: [[String]] = []
        for (host, state) in hosts.sorted(by: { $0.key < $1.key }) where state.hasTLS && !host.isEmpty {
            let secrets = Self.list(state.secrets.sorted())
            if state.certificates.isEmpty { rows.append([host, "-", "the default certificate", secrets]) }
            for certificate in state.certificates { rows.append(row(certificate, of: host, secrets)) }
        }
        for certificate in certificates.fallback.certificates {
            rows.append(row(certificate, of: "all others", settings.defaultCertificate?.description ?? "self-made"))
        }
        return rows
    }

    private func row(_ certificate: TLSCertificate, of host: String, _ secrets: String) -> [String] {
        [host, "\(certificate.keyType)", Self.list(certificate.names), secrets]
    }

    static func list(_ values: [some CustomStringConvertible]) -> String {
        values.map(\.description).joined(separator: ",")
    }

    private func section(_ title: String, _ columns: TextColumns) -> String { "\(title)\n\(columns)\n" }
}
