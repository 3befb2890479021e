internal import HTTPSemantics
internal import KubernetesAPI
internal import Routing

extension IngressDirectory {
    /// Compiles what depends on the changes since the last call.
    ///
    /// - Complexity: Proportional to what the changes touch; a change of the ConfigMap touches everything.
    package mutating func compile() -> IngressCompilation {
        var compilation = IngressCompilation()
        registers.routes.settle()
        registers.backends.settleNumbers()
        let formerSettings = options.settings
        compileOptions()
        compilation.ingresses = touchedIngresses.union(republishedIngresses)
        republishedIngresses.removeAll()
        compileIngresses(&compilation.work)
        let changedHosts = compileHosts(&compilation.work)
        let changedBackends = compileBackends(&compilation.work)
        compilation.certificates = compileCertificates(&compilation.work)

        let settingsChanged = options.settings != formerSettings
        if table == nil || settingsChanged || !changedHosts.isEmpty || !changedBackends.isEmpty {
            var named = changedHosts
            let catchAll = named.removeValue(forKey: "").flatMap(\.self)
            // The first compilation compiles the host of all other names.
            let fallback = catchAll?.fallback ?? Route(id: 0, origin: RouteOrigin(), refusal: .notFound)
            let base = table ?? RoutingTable.empty(settings: options.settings, fallback: fallback)
            table = base.replacing(
                hosts: named,
                catchAll: catchAll,
                backends: changedBackends,
                settings: options.settings
            )
            compilation.table = table
        }
        if let names = registers.backends.takeExternalNames() {
            compilation.externalNames = names
            addresses = addresses.filter { names.contains($0.key) }
        }
        (compilation.appeared, compilation.cleared) = ledger.takeChanges()
        return compilation
    }

    private mutating func compileOptions() {
        guard touchedOptions else { return }
        touchedOptions = false
        var problems: [IngressProblem] = []
        var options = GatewayOptions()
        if let configMap {
            options = GatewayOptions(configMap, httpsPort: settings.httpsPort, problems: &problems)
        } else if let name = settings.configMap {
            let reference = ObjectReference(kind: .configMap, namespace: name.namespace, name: name.name)
            let message = "the ConfigMap of the gateway is not there; every option has its default"
            problems.append(IngressProblem(.invalidOption, reference, origin: nil, field: nil, message: message))
        }
        ledger.replace(of: .options, with: problems)
        if options.defaults != self.options.defaults {
            touchedIngresses.formUnion(readings.keys)
            // What becomes of all other requests has limits of its own.
            touchedHosts.insert("")
        }
        if options.rejectsUnknownNames != self.options.rejectsUnknownNames { touchedDefaultCertificate = true }
        self.options = options
    }

    private mutating func compileIngresses(_ work: inout IngressCompilation.Work) {
        for name in touchedIngresses {
            let former = readings[name]
            var problems: [IngressProblem] = []
            var reading: IngressReading?
            if let ingress = ingresses[name] {
                let (isOurs, classProblems) = selection(of: ingress)
                problems = classProblems
                if isOurs {
                    work.ingresses += 1
                    let new = IngressReading(
                        ingress,
                        prefix: settings.annotationsPrefix,
                        defaults: options.defaults
                    )
                    problems += new.problems
                    reading = new
                }
            }
            guard former != nil || reading != nil || !problems.isEmpty else {
                ledger.replace(of: .ingress(name), with: [])
                continue
            }
            ledger.replace(of: .ingress(name), with: problems)
            readings[name] = reading
            let formerHosts = former?.ingress.hostNames ?? []
            let hostNames = reading?.ingress.hostNames ?? []
            for host in formerHosts.subtracting(hostNames) { hosts[host]?.ingresses.remove(name) }
            for host in hostNames { hosts[host, default: HostState()].ingresses.insert(name) }
            touchedHosts.formUnion(formerHosts)
            touchedHosts.formUnion(hostNames)
        }
        touchedIngresses.removeAll()
    }

    /// Finds the endpoints of every backend that is touched, and reports what is wrong with it.
    private mutating func compileBackends(_ work: inout IngressCompilation.Work) -> [(Backend.ID, Backend?)] {
        var changes: [(Backend.ID, Backend?)] = registers.backends.removeUnused().map { ($0, nil) }
        var reporters = uncheckedReporters
        uncheckedReporters.removeAll()
        for id in registers.backends.takeTouched() {
            guard let entry = registers.backends.entries[id] else { continue }
            work.backends += 1
            let compiler = BackendCompiler(
                service: services[entry.key.service],
                source: sources[entry.key.service],
                zone: settings.zone,
                ignoresExternalNames: settings.ignoresExternalNames,
                addresses: addresses
            )
            let outcome = compiler.compile(entry.key)
            var compiled = entry.compiled
            if compiled?.endpoints != outcome.endpoints || compiled?.scheme != outcome.scheme {
                compiled = Backend(
                    id: id,
                    name: entry.key.name,
                    scheme: outcome.scheme,
                    policy: entry.key.policy,
                    endpoints: outcome.endpoints
                )
                changes.append((id, compiled))
            }
            guard let compiled else { continue }
            if outcome.fault != entry.fault { reporters.formUnion(entry.reporters) }
            registers.backends.setOutcome(
                of: id,
                compiled: compiled,
                fault: outcome.fault,
                externalName: outcome.externalName
            )
        }
        for host in reporters { reportBackends(of: host) }
        return changes
    }

    private mutating func reportBackends(of host: String) {
        let problems = (hosts[host]?.uses ?? []).compactMap { use -> IngressProblem? in
            guard let entry = registers.backends.entries[use.backend] else { return nil }
            return entry.fault?.problem(of: use, entry.key)
        }
        ledger.replace(of: .backends(host), with: problems)
    }
}

extension Ingress {
    /// The hosts that the Ingress says something about; the empty name stands for all others.
    var hostNames: Set<String> {
        if rules.isEmpty { return defaultBackend == nil ? [] : [""] }
        return Set(rules.map(\.host))
    }
}
