internal import HTTPSemantics
internal import KubernetesAPI
internal import Routing

/// The numbers of routes and backends, over all hosts.
struct Registers: Sendable {
    /// The numbers of routes, under which workers count requests.
    var routes = NumberPool(isStamped: true)
    /// The backends and their numbers.
    var backends = BackendRegister()
}

/// Makes the routes of one host, and keeps which numbers and backends they have.
struct RouteBuilder {
    private let host: String
    private let isStrict: Bool
    private var formerIDs: [RouteSlot: Int]
    /// What the former routes were, by number.
    private let formerOwners: [Int: RouteOwner]
    private(set) var ids: [RouteSlot: Int] = [:]
    private(set) var usedBackends: Set<Backend.ID> = []
    private(set) var uses: [BackendUse] = []
    private var pathsByRoute: [Int: HostDraft.Path] = [:]

    /// What is wrong.
    var problems: [IngressProblem] = []

    /// Begins with what the host was before.
    ///
    /// - Parameters:
    ///   - host: The name as declared; empty for all other hosts.
    ///   - former: What the workers have; nil when they have nothing.
    ///   - formerIDs: The numbers of its routes.
    ///   - isStrict: Whether only paths that ask for it are patterns.
    init(host: String, former: VirtualHost?, formerIDs: [RouteSlot: Int], isStrict: Bool) {
        self.host = host
        self.formerIDs = formerIDs
        let formerRoutes = former.map { $0.allRoutes + [$0.fallback] } ?? []
        formerOwners = Dictionary(formerRoutes.map { ($0.id, RouteOwner($0)) }) { first, _ in first }
        self.isStrict = isStrict
    }

    // MARK: - Paths

    /// Makes the rule of a path.
    mutating func rule(
        _ path: HostDraft.Path,
        hostHasPatterns: Bool,
        _ registers: inout Registers
    ) -> PathRule {
        let ingress = path.reading.ingress
        let policy = path.reading.policy
        let key = key(path.service, path.port, in: ingress, policy)
        let backend = use(key, by: ingress, field: "\(path.field).backend.service", &registers)
        var (rewrite, isRefused) = (Rewrite?.none, policy.isRefused)
        if let target = policy.rewriteTarget, target != path.path.path {
            do throws(RewriteError) {
                rewrite = try Rewrite(path: path.path.path, target: target)
            } catch {
                // The host reports paths that are no patterns itself.
                if case .invalidPattern = error {
                } else {
                    isRefused = true
                    let message = "rewrite-target \(ObjectValue.quoted(target)): \(error); this path answers 503"
                    problems.append(ingress.problem(.invalidAnnotation, at: "\(path.field).path", message))
                }
            }
        }
        let isPattern = path.asksForPatterns || (hostHasPatterns && !isStrict)
        var affinity = policy.affinity
        if affinity?.path == nil, isPattern {
            // A pattern is no path that a client could send the cookie for.
            affinity?.path = [UInt8(ascii: "/")]
        }
        let origin = origin(ingress, path.service, path.port, path: path.path.path)
        let canary = isRefused ? nil : path.canary.map { self.canary($0, beside: policy, &registers) }
        let id = id(of: path.slot, RouteOwner(origin, canary), &registers)
        pathsByRoute[id] = path
        if !isPattern, !isRefused, let location = policy.redirect?.location, location.asksForGroups {
            let text = ObjectValue.quoted(location.text)
            let message =
                "the redirect to \(text) names a group such as $1, and this path is no pattern (use-regex): "
                + "the group stands for nothing"
            problems.append(ingress.problem(.invalidAnnotation, at: "\(path.field).path", message))
        }
        let route = Route(
            id: id,
            origin: origin,
            redirect: isRefused ? nil : policy.redirect,
            httpsRedirect: isRefused ? .never : policy.httpsRedirect,
            clients: policy.clients,
            refusal: isRefused ? .serviceUnavailable : nil,
            backend: isRefused ? nil : backend,
            canary: canary,
            rewrite: rewrite,
            upstreamHost: upstreamHost(policy, origin, of: ingress),
            affinity: affinity,
            limits: policy.limits
        )
        return PathRule(
            path: path.path.path,
            match: path.match,
            asksForPatterns: path.asksForPatterns,
            route: route
        )
    }

    private mutating func canary(
        _ part: HostDraft.CanaryPart,
        beside main: IngressPolicy,
        _ registers: inout Registers
    ) -> Canary {
        let ingress = part.reading.ingress
        var key = key(part.service, part.port, in: ingress, part.reading.policy)
        // How endpoints are spoken to is a matter of the path, which is the other Ingress's.
        key.scheme = main.scheme
        return Canary(
            backend: use(key, by: ingress, field: part.field, &registers),
            name: key.name,
            header: part.policy.header,
            headerRule: part.policy.headerRule,
            cookie: part.policy.cookie,
            weight: part.policy.weight,
            weightTotal: part.policy.weightTotal,
            keepsAffinity: part.policy.keepsAffinity
        )
    }

    // MARK: - What no path takes

    /// Makes the route of what no path of a named host takes; the oldest Ingress of the host decides.
    mutating func fallback(
        of reading: IngressReading,
        settings: IngressSettings,
        _ registers: inout Registers
    ) -> Route {
        let ingress = reading.ingress
        let policy = reading.policy
        var origin = origin(ingress, "", nil, path: "/")
        var backend: Backend.ID?
        var canRewrite = false
        switch ingress.defaultBackend {
        case .service(let service, let port)?:
            backend = use(
                key(service, port, in: ingress, policy),
                by: ingress,
                field: "spec.defaultBackend.service",
                &registers
            )
            (origin.service, origin.servicePort) = (service, port.description)
            canRewrite = true
        case .resource?, nil:
            if let resource = ingress.defaultBackend {
                problems.append(ingress.resourceProblem(resource, at: "spec.defaultBackend.resource"))
            }
            backend = defaultBackend(settings, &registers)
        }
        var rewrite: Rewrite?
        if canRewrite, let target = policy.rewriteTarget, target != "/" {
            rewrite = try? Rewrite(path: "/", target: target)
        }
        return Route(
            id: id(of: .fallback, RouteOwner(origin, nil), &registers),
            origin: origin,
            redirect: policy.redirect,
            httpsRedirect: policy.httpsRedirect,
            clients: policy.clients,
            refusal: policy.isRefused ? .serviceUnavailable : backend == nil ? .notFound : nil,
            backend: policy.isRefused ? nil : backend,
            rewrite: rewrite,
            upstreamHost: upstreamHost(policy, origin, of: ingress),
            affinity: policy.affinity,
            limits: policy.limits
        )
    }

    /// Makes the route of what no host and no path takes.
    ///
    /// The oldest Ingress that has a default backend and no rules decides. As in ingress-nginx its redirects and its
    /// rewrite do not count here.
    mutating func catchAll(
        _ readings: [IngressReading],
        settings: IngressSettings,
        defaults: RouteDefaults,
        _ registers: inout Registers
    ) -> Route {
        var owner: IngressReading?
        var part: HostDraft.CanaryPart?
        let withBackend = readings.filter { $0.ingress.defaultBackend != nil }
        let mains = withBackend.filter { !$0.isCanary }
        // Those without rules first; then one whose rules are for any host.
        for reading in mains.filter({ $0.ingress.rules.isEmpty }) + mains.filter({ !$0.ingress.rules.isEmpty }) {
            let ingress = reading.ingress
            guard case .service? = ingress.defaultBackend else {
                if let backend = ingress.defaultBackend {
                    problems.append(ingress.resourceProblem(backend, at: "spec.defaultBackend.resource"))
                }
                continue
            }
            if let first = owner {
                let message =
                    "the default backend is already that of Ingress \(first.ingress.name); this one is left out"
                problems.append(ingress.problem(.conflict, at: "spec.defaultBackend", message))
            } else {
                owner = reading
            }
        }
        for reading in withBackend where reading.isCanary && reading.ingress.rules.isEmpty {
            guard let policy = reading.policy.canary,
                case .service(let service, let port)? = reading.ingress.defaultBackend
            else { continue }
            let field = "spec.defaultBackend"
            if owner == nil {
                let message = "no other Ingress has a default backend; the canary gets nothing"
                problems.append(reading.ingress.problem(.canaryWithoutMain, at: field, message))
            } else if let other = part {
                let message = "there is a canary already, Ingress \(other.reading.ingress.name); this one gets nothing"
                problems.append(reading.ingress.problem(.conflict, at: field, message))
            } else {
                part = HostDraft.CanaryPart(
                    reading: reading,
                    policy: policy,
                    service: service,
                    port: port,
                    field: "\(field).service"
                )
            }
        }
        return catchAll(of: owner, part, settings: settings, defaults: defaults, &registers)
    }

    private mutating func catchAll(
        of owner: IngressReading?,
        _ part: HostDraft.CanaryPart?,
        settings: IngressSettings,
        defaults: RouteDefaults,
        _ registers: inout Registers
    ) -> Route {
        guard let owner, case .service(let service, let port)? = owner.ingress.defaultBackend else {
            let backend = defaultBackend(settings, isReported: true, &registers)
            return Route(
                id: id(of: .fallback, RouteOwner(RouteOrigin(), nil), &registers),
                origin: RouteOrigin(),
                refusal: backend == nil ? .notFound : nil,
                backend: backend,
                limits: defaults.limits
            )
        }
        let (ingress, policy) = (owner.ingress, owner.policy)
        let key = key(service, port, in: ingress, policy)
        let backend = use(key, by: ingress, field: "spec.defaultBackend.service", &registers)
        let origin = origin(ingress, service, port, path: "/")
        let canary = policy.isRefused ? nil : part.map { self.canary($0, beside: policy, &registers) }
        return Route(
            id: id(of: .fallback, RouteOwner(origin, canary), &registers),
            origin: origin,
            clients: policy.clients,
            refusal: policy.isRefused ? .serviceUnavailable : nil,
            backend: policy.isRefused ? nil : backend,
            canary: canary,
            upstreamHost: upstreamHost(policy, origin, of: ingress),
            affinity: policy.affinity,
            limits: policy.limits
        )
    }

    /// The Service that the command line names, if it does; one host is enough to report what is wrong with it.
    private mutating func defaultBackend(
        _ settings: IngressSettings,
        isReported: Bool = false,
        _ registers: inout Registers
    ) -> Backend.ID? {
        guard let service = settings.defaultBackendService else { return nil }
        let id = registers.backends.id(of: BackendKey(service: service, port: nil))
        usedBackends.insert(id)
        if isReported {
            let reference = ObjectReference(kind: .service, namespace: service.namespace, name: service.name)
            uses.append(BackendUse(backend: id, object: reference, origin: nil, field: "--default-backend-service"))
        }
        return id
    }

    // MARK: - Numbers and names

    /// The Host field for the backend; what an object is called need not be a host's name.
    private mutating func upstreamHost(
        _ policy: IngressPolicy,
        _ origin: RouteOrigin,
        of ingress: Ingress
    ) -> [UInt8]? {
        guard let template = policy.upstreamHost, let text = template.text(for: origin) else { return nil }
        if TextValues.isHostField(text) { return text }
        let (asked, found) = (template.text, String(decoding: text, as: UTF8.self))
        let message =
            "upstream-vhost \(ObjectValue.quoted(asked)) comes to \(ObjectValue.quoted(found)), which is no host name; "
            + "backends see the client's own"
        problems.append(ingress.problem(.invalidAnnotation, at: nil, message))
        return nil
    }

    /// Reports what the host made of the rules.
    mutating func report(_ found: [PathProblem], of draft: HostDraft) {
        for problem in found {
            guard let path = pathsByRoute[problem.rule.route.id] else { continue }
            switch problem.reason {
            case .invalidPattern(let error):
                let text = ObjectValue.quoted(path.path.path)
                let message = "\(text) is no pattern: \(error); this path is left out"
                problems.append(path.reading.ingress.problem(.invalidRegex, at: "\(path.field).path", message))
            case .shadowed(let route):
                if let winner = pathsByRoute[route] { problems.append(draft.conflict(path, with: winner)) }
            }
        }
    }

    /// Gives back the numbers of the routes that are gone.
    mutating func releaseRest(_ registers: inout Registers) {
        for id in formerIDs.values.sorted() { registers.routes.give(back: id) }
        formerIDs.removeAll()
    }

    /// The number of a route: that of the route before it if both have the same owner, since what was counted is told
    /// under the owner's name.
    private mutating func id(of slot: RouteSlot, _ owner: RouteOwner, _ registers: inout Registers) -> Int {
        if let former = formerIDs[slot], formerOwners[former].map(owner.succeeds) != false {
            formerIDs[slot] = nil
            ids[slot] = former
            return former
        }
        let id = registers.routes.take()
        ids[slot] = id
        return id
    }

    private mutating func use(
        _ key: BackendKey,
        by ingress: Ingress,
        field: String,
        _ registers: inout Registers
    ) -> Backend.ID {
        let id = registers.backends.id(of: key)
        usedBackends.insert(id)
        uses.append(BackendUse(backend: id, object: ingress.reference, origin: ingress.metadata.origin, field: field))
        return id
    }

    private func key(
        _ service: String,
        _ port: Ingress.ServicePort,
        in ingress: Ingress,
        _ policy: IngressPolicy
    ) -> BackendKey {
        BackendKey(
            service: NamespacedName(ingress.metadata.namespace, service),
            port: port,
            scheme: policy.scheme,
            policy: policy.balancing,
            usesServiceAddress: policy.usesServiceAddress
        )
    }

    private func origin(
        _ ingress: Ingress,
        _ service: String,
        _ port: Ingress.ServicePort?,
        path: String
    ) -> RouteOrigin {
        var origin = RouteOrigin()
        origin.namespace = ingress.metadata.namespace
        origin.ingress = ingress.metadata.name
        origin.service = service
        origin.servicePort = port?.description ?? ""
        origin.host = host.isEmpty ? "_" : host
        origin.path = path
        return origin
    }
}

/// The names under which the requests of a route are counted.
private struct RouteOwner {
    private let origin: RouteOrigin
    private let canary: String?

    init(_ origin: RouteOrigin, _ canary: Canary?) {
        self.origin = origin
        self.canary = canary?.name
    }

    init(_ route: Route) { self.init(route.origin, route.canary) }

    /// Whether what was counted for a former route may go on under these names; a canary comes and goes freely.
    func succeeds(_ former: RouteOwner) -> Bool {
        origin == former.origin && (canary == nil || former.canary == nil || canary == former.canary)
    }
}
