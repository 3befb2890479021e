internal import KubernetesAPI
internal import Routing

/// The paths of one host while it is decided whose they are.
struct HostDraft {
    /// A path with its owner.
    struct Path {
        let reading: IngressReading
        let rule: Ingress.Rule
        let path: Ingress.Path
        let service: String
        let port: Ingress.ServicePort
        /// The canary beside it.
        var canary: CanaryPart?

        var match: PathRule.Match { path.type == .exact ? .exact : .prefix }
        var slot: RouteSlot { .path(path.path, match) }
        var asksForPatterns: Bool { reading.policy.asksForPatterns(path: path.path) }
        var field: String { "spec.rules[\(rule.position)].http.paths[\(path.position)]" }
    }

    /// A canary's share in a path.
    struct CanaryPart {
        let reading: IngressReading
        let policy: CanaryPolicy
        let service: String
        let port: Ingress.ServicePort
        let field: String
    }

    /// The host as declared; empty for all others.
    let host: String
    /// The paths that take effect, the older Ingress's first.
    private(set) var paths: [Path] = []
    /// What is wrong.
    private(set) var problems: [IngressProblem] = []
    private var places: [RouteSlot: Int] = [:]

    /// Decides whose the paths of a host are.
    ///
    /// - Parameters:
    ///   - host: The host as declared.
    ///   - readings: The Ingresses that name it, in the order in which they go before each other.
    ///   - isStrict: Whether only the paths that ask for it are patterns.
    init(host: String, readings: [IngressReading], isStrict: Bool) {
        self.host = host
        for reading in readings where !reading.isCanary { addPaths(of: reading) }
        removeTwins(isStrict: isStrict)
        for reading in readings { if let policy = reading.policy.canary { addCanary(reading, policy) } }
    }

    /// Whether the host's paths are patterns.
    var hasPatterns: Bool { paths.contains(where: \.asksForPatterns) }

    private mutating func addPaths(of reading: IngressReading) {
        for rule in reading.ingress.rules where rule.host == host {
            for path in rule.paths {
                let field = "spec.rules[\(rule.position)].http.paths[\(path.position)]"
                guard case .service(let service, let port) = path.backend else {
                    problems.append(reading.ingress.resourceProblem(path.backend, at: "\(field).backend.resource"))
                    continue
                }
                let new = Path(reading: reading, rule: rule, path: path, service: service, port: port)
                if let owner = places[new.slot] {
                    problems.append(conflict(new, with: paths[owner]))
                } else {
                    places[new.slot] = paths.count
                    paths.append(new)
                }
            }
        }
    }

    /// Leaves out the later of two prefixes that differ in a final slash alone, unless they are patterns.
    private mutating func removeTwins(isStrict: Bool) {
        let hostHasPatterns = hasPatterns
        var owners: [Substring: Int] = [:]
        var kept: [Path] = []
        for path in paths {
            let isPattern = isStrict ? path.asksForPatterns : hostHasPatterns
            if path.match == .prefix, !isPattern {
                var text = path.path.path[...]
                while text.last == "/" { text.removeLast() }
                if let owner = owners[text] {
                    problems.append(conflict(path, with: kept[owner]))
                    places[path.slot] = nil
                    continue
                }
                owners[text] = kept.count
            }
            places[path.slot] = kept.count
            kept.append(path)
        }
        paths = kept
    }

    private mutating func addCanary(_ reading: IngressReading, _ policy: CanaryPolicy) {
        for rule in reading.ingress.rules where rule.host == host {
            for path in rule.paths {
                let field = "spec.rules[\(rule.position)].http.paths[\(path.position)]"
                guard case .service(let service, let port) = path.backend else {
                    problems.append(reading.ingress.resourceProblem(path.backend, at: "\(field).backend.resource"))
                    continue
                }
                let slot = Path(reading: reading, rule: rule, path: path, service: service, port: port).slot
                guard let index = places[slot] else {
                    let message = "no other Ingress has this path of host \(shownHost); the canary gets nothing"
                    problems.append(reading.ingress.problem(.canaryWithoutMain, at: field, message))
                    continue
                }
                if let other = paths[index].canary {
                    let message =
                        "the path has a canary already, Ingress \(other.reading.ingress.name); this one gets nothing"
                    problems.append(reading.ingress.problem(.conflict, at: field, message))
                    continue
                }
                paths[index].canary = CanaryPart(
                    reading: reading,
                    policy: policy,
                    service: service,
                    port: port,
                    field: "\(field).backend.service"
                )
            }
        }
    }

    /// Reports that a path is another's.
    func conflict(_ loser: Path, with winner: Path) -> IngressProblem {
        loser.reading.ingress.problem(
            .conflict,
            at: "\(loser.field).path",
            "\(loser.path.type.rawValue) \(ObjectValue.printable(loser.path.path)) of host \(shownHost) is already that of "
                + "Ingress \(winner.reading.ingress.name); this path is left out"
        )
    }

    private var shownHost: String { host.isEmpty ? "_" : host }
}

extension Ingress {
    /// Reports a backend of a kind that gets no requests.
    func resourceProblem(_ backend: Backend, at field: String) -> IngressProblem {
        var kind = "no Service"
        if case .resource(let name, _) = backend, !name.isEmpty { kind = "a \(ObjectValue.printable(name))" }
        return problem(.unsupportedBackend, at: field, "the backend is \(kind), which gets no requests; it is left out")
    }
}
