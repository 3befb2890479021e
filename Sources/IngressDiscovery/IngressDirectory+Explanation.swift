internal import ByteBuffers
internal import HTTPSemantics
internal import KubernetesAPI
internal import LoadBalancing
internal import PatternMatching
internal import Routing

extension IngressDirectory {
    /// Says in words which route takes a request and why, as of the last `compile`.
    ///
    /// It asks the very tables that workers have.
    ///
    /// - Parameters:
    ///   - host: The host of the request, in lower case, without port and dot at its end; empty for none.
    ///   - path: The path of the request, decoded and normalised, without the query.
    /// - Returns: Lines of a name and what is to be said, in the order in which the rules act.
    package func explain(host: String, path: [UInt8]) -> String {
        guard let table else { return "there are no routes yet\n" }
        let virtual = table.host(Array(host.utf8).span)
        var scratch = PatternScratch()
        let route = virtual.route(for: path.span, scratch: &scratch)
        let fault = scratch.fault
        var rows = [["Host", why(virtual, takes: host)]]
        rows.append(["Path", ObjectValue.printable(String(decoding: path, as: UTF8.self))])
        rows += passedOver(before: route, in: virtual).map { ["Not", $0] }
        if let fault {
            rows.append(["Answer", "500: the search for a pattern was given up (\(fault))"])
            return lines(rows)
        }
        rows.append(["Route", describe(route, in: virtual)])
        rows += phases(of: route, in: virtual, path: path, scratch: &scratch)
        return lines(rows)
    }

    private func lines(_ rows: [[String]]) -> String {
        rows.map { row in row[0].padded(to: 10) + row[1] + "\n" }.joined()
    }

    private func why(_ virtual: VirtualHost, takes host: String) -> String {
        let name = virtual.name
        if name == "_" { return "_, which takes all names that no Ingress has" }
        return name.hasPrefix("*.") ? "\(name), whose star stands for one label" : "\(name), by exactly this name"
    }

    /// The paths that were asked before that of the route; the first few of them.
    private func passedOver(before route: Route, in virtual: VirtualHost) -> [String] {
        let before = virtual.allRoutes.prefix { $0 !== route }
        let shown = before.prefix(Self.passedOverMax).map { describe($0, in: virtual) }
        return before.count > shown.count ? shown + ["… and \(before.count - shown.count) more"] : shown
    }

    private static var passedOverMax: Int { 20 }

    private func describe(_ route: Route, in virtual: VirtualHost) -> String {
        let state = hosts[virtual.name == "_" ? "" : virtual.name]
        let owner =
            route.origin.ingress.isEmpty
            ? "of the gateway itself" : "of Ingress \(NamespacedName(route.origin.namespace, route.origin.ingress))"
        guard case .path(let path, let kind)? = state?.routeIDs.first(where: { $0.value == route.id })?.key else {
            return "what no path takes, \(owner)"
        }
        return "\(matching(path, kind, of: route, in: virtual)) \(ObjectValue.printable(path)) \(owner)"
    }

    /// What becomes of the request, rule by rule in the order of ingress-nginx, up to the first that answers.
    private func phases(
        of route: Route,
        in virtual: VirtualHost,
        path: [UInt8],
        scratch: inout PatternScratch
    ) -> [[String]] {
        var rows: [[String]] = []
        if let root = virtual.appRoot, path == [UInt8(ascii: "/")] {
            return [["Answer", "302 to \(ObjectValue.printable(root.text)) (app-root)"]]
        }
        if let redirect = route.redirect {
            let location = ObjectValue.printable(redirect.location.text)
            return [["Answer", "\(redirect.status.rawValue) to \(location) (permanent-redirect or temporal-redirect)"]]
        }
        switch route.httpsRedirect {
        case .never: break
        case .withCertificate where !virtual.hasCertificate: break
        case .withCertificate, .always:
            rows.append(["In clear", "\(options.settings.httpsRedirectStatus) to https; over TLS it goes on"])
        }
        if let refusal = route.refusal { return rows + [["Answer", "\(refusal.rawValue)"]] }
        guard let id = route.backend, let entry = registers.backends.entries[id] else {
            return rows + [["Answer", "503: there is no backend"]]
        }
        let notes = notes(on: route, in: virtual)
        if !notes.isEmpty { rows.append(["Rules", notes]) }
        var target = ByteBuffer(capacity: 256)
        if let rewrite = route.rewrite {
            let query: [UInt8] = []
            switch rewrite.apply(to: path.span, query: query.span, scratch: &scratch, into: &target) {
            case .rewritten:
                var bytes: [UInt8] = []
                for index in target.bytes.indices { bytes.append(target.bytes[index]) }
                rows.append(["Rewritten", "to \(ObjectValue.printable(String(decoding: bytes, as: UTF8.self)))"])
            case .unchanged: rows.append(["Rewritten", "no: the pattern is not in the path"])
            case .fault(let fault):
                return rows + [["Answer", "500: the search for the rewrite was given up (\(fault))"]]
            }
        }
        return rows + backendRows(entry, canary: route.canary)
    }

    private func backendRows(_ entry: BackendEntry, canary: Canary?) -> [[String]] {
        var rows = [["Backend", entry.key.name], ["Endpoints", endpoints(of: entry)]]
        if let canary, let other = registers.backends.entries[canary.backend] {
            rows.append([
                "Canary", "\(other.key.name), for \(canary.weight) of \(canary.weightTotal) or by its header or cookie",
            ])
            rows.append(["Endpoints", endpoints(of: other)])
        }
        return rows
    }

    private func endpoints(of entry: BackendEntry) -> String {
        let endpoints = entry.compiled?.endpoints.map(\.address) ?? []
        if !endpoints.isEmpty { return Self.list(endpoints) }
        return switch entry.fault {
        case .serviceNotFound: "none: there is no such Service; 503"
        case .portNotFound: "none: the Service has no such port; 503"
        case .forbiddenName, .externalNamesOff: "none: the external name may not be used; 503"
        case .unresolvedName(let name): "none: DNS has no address for \(name); 503"
        case .noEndpoints, nil: "none is ready; 503"
        }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
