internal import KubernetesAPI
internal import Routing

extension IngressDirectory {
    /// The Ingresses that name a host, in the order in which they go before each other.
    func readings(of host: String) -> [IngressReading] {
        guard let names = hosts[host]?.ingresses else { return [] }
        return names.compactMap { readings[$0] }.sorted { $0.ingress.goesBefore($1.ingress) }
    }

    /// Compiles the paths of the touched hosts, and of those below a wildcard that begins or ceases to have a certificate.
    mutating func compileHosts(_ work: inout IngressCompilation.Work) -> [String: VirtualHost?] {
        for host in touchedHosts {
            let hasTLS = readings(of: host).contains { !$0.isCanary && !$0.ingress.tls.isEmpty }
            if hosts[host]?.hasTLS ?? false != hasTLS {
                hosts[host]?.hasTLS = hasTLS
                if host.hasPrefix("*.") {
                    touchedHosts.formUnion(hostsByParent[String(host.dropFirst(2)), default: []])
                }
            }
        }
        var changes: [String: VirtualHost?] = [:]
        for host in touchedHosts.sorted() {
            work.hosts += 1
            touchedCertificates.insert(host)
            changes.updateValue(compileHost(host), forKey: host)
            noteParent(of: host)
        }
        touchedHosts.removeAll()
        return changes
    }

    private mutating func noteParent(of host: String) {
        guard !host.hasPrefix("*."), let dot = host.firstIndex(of: ".") else { return }
        let parent = String(host[host.index(after: dot)...])
        if hosts[host]?.compiled != nil {
            hostsByParent[parent, default: []].insert(host)
        } else {
            hostsByParent[parent]?.remove(host)
            if hostsByParent[parent]?.isEmpty == true { hostsByParent[parent] = nil }
        }
    }

    private func hasCertificate(_ host: String) -> Bool {
        if host.isEmpty { return false }
        if hosts[host]?.hasTLS == true { return true }
        guard !host.hasPrefix("*."), let dot = host.firstIndex(of: ".") else { return false }
        return hosts["*" + host[dot...]]?.hasTLS ?? false
    }

    private mutating func compileHost(_ host: String) -> VirtualHost? {
        let former = hosts[host] ?? HostState()
        let readings = readings(of: host)
        let draft = HostDraft(host: host, readings: readings, isStrict: settings.isPathRegexStrict)
        let mains = readings.filter { !$0.isCanary }
        var builder = RouteBuilder(
            host: host,
            former: former.compiled,
            formerIDs: former.routeIDs,
            isStrict: settings.isPathRegexStrict
        )
        builder.problems = draft.problems
        var compiled: VirtualHost?
        if host.isEmpty || !mains.isEmpty {
            let fallback =
                host.isEmpty
                ? builder.catchAll(readings, settings: settings, defaults: options.defaults, &registers)
                : builder.fallback(of: mains[0], settings: settings, &registers)
            let hasPatterns = draft.hasPatterns
            let rules = draft.paths.map { builder.rule($0, hostHasPatterns: hasPatterns, &registers) }
            let appRoot = mains.lazy.compactMap(\.policy.appRoot).first
            let (virtual, problems) = VirtualHost.compile(
                name: host.isEmpty ? "_" : host,
                hasCertificate: hasCertificate(host),
                appRoot: appRoot,
                fallback: fallback,
                rules: rules,
                isStrict: settings.isPathRegexStrict
            )
            builder.report(problems, of: draft)
            compiled = virtual
        }
        builder.releaseRest(&registers)
        registers.backends.setBackends(
            of: host,
            from: former.backends,
            to: builder.usedBackends,
            reporting: builder.uses,
            after: former.uses
        )
        ledger.replace(of: .host(host), with: builder.problems)
        if former.uses != builder.uses { uncheckedReporters.insert(host) }
        var state = hosts[host] ?? HostState()
        state.compiled = compiled
        state.routeIDs = builder.ids
        state.backends = builder.usedBackends
        state.uses = builder.uses
        hosts[host] = state.isVacant && !host.isEmpty ? nil : state
        return compiled
    }
}
