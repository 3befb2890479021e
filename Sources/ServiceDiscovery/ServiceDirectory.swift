package import KubernetesAPI
package import NetworkAddress
package import ServiceModel

/// All objects seen, and what they come to for the Services on this node.
///
///     object ──▶ reading ──▶ entry of its Service ──▶ touched ──▶ claims settled ──▶ resolution ──▶ snapshot
///            apply                                                takeChangedSnapshots
///
/// Every Kubernetes rule of meaning for the node agent is applied here, and nothing else: no I/O, no clock. The outcome
/// depends on the objects as they stand, never on the order in which they came.
package struct ServiceDirectory: Sendable {
    /// The object of this node, while it is known.
    package internal(set) var node: Node?

    /// Whether load balancers should send flows to this node.
    package var nodeEligibility: NodeEligibility { NodeEligibility(of: node) }

    /// The ranges that cluster IPs are taken from, sorted, each once.
    package internal(set) var serviceCIDRs: [IPPrefix] = []

    /// The addresses of this node, which source ranges may let in.
    ///
    /// A change takes effect with the next `takeChangedSnapshots`; it touches only Services whose source ranges see a
    /// difference.
    package var localAddresses: [IPAddress] {
        get { circumstances.localAddresses }
        set { replaceLocalAddresses(with: newValue) }
    }

    /// What tells a Service from a later one of its name; nil where that is not known, or there is no such Service.
    package func uid(of service: ObjectName) -> ObjectUID? { entries[service]?.service?.uid }

    /// The Services that have front ends, as last returned.
    package private(set) var serviceCount = 0

    /// The endpoints that new flows can go to, over all Services, ports and families, as last returned.
    package private(set) var endpointCount = 0

    /// The Service ports that drop flows for want of an endpoint on this node, as last returned.
    package private(set) var localEndpointGaps = LocalEndpointGaps()

    let identity: NodeIdentity
    let servesExternalIPs: Bool
    let priority: PriorityServices
    /// The Services that come before all others, of those that there are.
    package internal(set) var priorityServices: Set<ObjectName> = []
    var circumstances = NodeCircumstances()
    var entries = EntryTable()
    /// The name of the Service that each slice is kept under, by the slice's; both are in one namespace.
    var serviceBySlice: [ObjectName: String] = [:]
    var pods = PodIndex()
    var selectors = SelectorIndex()
    var claims = ClaimRegister()
    var ledger = ProblemLedger<ObjectReference, ObjectProblem>()
    var healthLedger = HealthCheckLedger()
    /// The ranges of each ServiceCIDR.
    var rangesByServiceCIDR: [String: [IPPrefix]] = [:]
    /// The Services with endpoints that are meant for zones.
    var zoneHinted: Set<ObjectName> = []
    /// The Services with source ranges.
    var sourceLimited: Set<ObjectName> = []
    /// The Services whose meaning may differ from what was last returned.
    var touched: Set<ObjectName> = []
    /// When what changed in slices happened, since the last `takeChangeTriggers`.
    var triggers: [ObjectName: [ChangeTrigger]] = [:]

    /// Creates a directory without objects.
    ///
    /// - Parameters:
    ///   - nodeName: The name of this node; case does not matter.
    ///   - failsOpenOnForeignRanges: Where `loadBalancerSourceRanges` hold no range of an address's family, nobody may
    ///     use the address; with this everybody may, as in kube-proxy.
    ///   - servesExternalIPs: Whether `spec.externalIPs` lead to Services (feature gate `AllowServiceExternalIPs`).
    ///   - priority: The Services that come before all others.
    package init(
        nodeName: String,
        failsOpenOnForeignRanges: Bool = false,
        servesExternalIPs: Bool = true,
        priority: PriorityServices = .none
    ) {
        self.priority = priority
        identity = NodeIdentity(name: nodeName)
        circumstances.failsOpenOnForeignRanges = failsOpenOnForeignRanges
        self.servesExternalIPs = servesExternalIPs
    }

    /// Takes one change, and marks the Services whose meaning may differ by it.
    ///
    /// - Complexity: Proportional to the object and, for a pod, to the Services that its labels lead to; for this
    ///   node, when its zone changes, to the Services with endpoints that are meant for zones.
    package mutating func apply(_ change: ObjectChange) {
        switch change {
        case .applied(.service(let service)): replaceService(change.reference.objectName, with: service)
        case .applied(.endpointSlice(let slice)): replaceSlice(change.reference, with: slice)
        case .applied(.endpoints(let endpoints)): replaceEndpoints(change.reference.objectName, with: endpoints)
        case .applied(.pod(let pod)): replacePod(change.reference.objectName, with: pod)
        case .applied(.node(let node)): if identity.isNamed(node.metadata.name) { replaceNode(with: node) }
        case .applied(.serviceCIDR(let object)): replaceServiceCIDR(object.metadata.name, with: object.ranges)
        // A node agent has no use for what a gateway reads.
        case .applied(.ingress), .applied(.ingressClass), .applied(.secret), .applied(.configMap), .applied(.namespace):
            break
        case .removed(let reference): remove(reference)
        }
    }

    /// Resolves every Service touched since the last call; returns the snapshots that differ from those last returned.
    ///
    /// They are sorted by Service. A Service that is gone or left out yields one without front ends, once; one that
    /// never had any yields none.
    ///
    /// - Parameter isPriorityOnly: Whether all but the Services that come first wait for the next call.
    /// - Returns: The snapshots.
    /// - Complexity: O(*n* log *n*) in the number of touched Services, times the endpoints of each.
    package mutating func takeChangedSnapshots(isPriorityOnly: Bool = false) -> [ServiceSnapshot] {
        touched.formUnion(claims.settle())
        let names: [ObjectName]
        if isPriorityOnly {
            names = priorityServices.filter(touched.contains).sorted()
            touched.subtract(names)
        } else {
            names = touched.sorted()
            touched.removeAll()
        }
        var snapshots: [ServiceSnapshot] = []
        for name in names {
            guard let entry = entries[name] else { continue }
            let resolution = resolve(name, entry)
            ledger.replace(of: .service(name), with: resolution.problems)
            healthLedger.replace(of: name, with: resolution.healthCheck)
            let outcome = Returned(resolution)
            if !outcome.hasFrontEnds(of: entry.returned) {
                snapshots.append(ServiceSnapshot(service: name, frontEnds: resolution.frontEnds))
            }
            remember(outcome, as: name, after: entry.returned)
        }
        return snapshots
    }

    /// What is wrong with the objects, each problem once, in order, as of the last `takeChangedSnapshots`.
    ///
    /// - Complexity: O(*n* log *n*) in the number of problems.
    package var problems: [ObjectProblem] { ledger.all }

    /// Returns the problems that appeared and those that went since the last call, so that each is told once.
    ///
    /// Both are in order, and as of the last `takeChangedSnapshots`; call that first.
    package mutating func takeProblemChanges() -> (appeared: [ObjectProblem], cleared: [ObjectProblem]) {
        ledger.takeChanges()
    }

    /// Returns when the changes happened that slices told of since the last call, in no order.
    ///
    /// A slice that told nothing new has none, and neither has a Service that lost a slice since: the time in a slice is
    /// that of its last write, not of its end.
    package mutating func takeChangeTriggers() -> [ChangeTrigger] {
        defer { triggers.removeAll() }
        return triggers.values.flatMap(\.self)
    }

    /// The health checks of the Services that ask for one, by Service, as of the last `takeChangedSnapshots`.
    ///
    /// - Complexity: O(*n* log *n*) in their number.
    package var healthChecks: [HealthCheck] { healthLedger.all }

    /// Returns the health checks that are new or different since the last call, and the Services that have none any more.
    ///
    /// Both are by Service, and as of the last `takeChangedSnapshots`; call that first. The work is proportional to the
    /// changes.
    package mutating func takeHealthCheckChanges() -> (changed: [HealthCheck], cleared: [ObjectName]) {
        healthLedger.takeChanges()
    }

    private mutating func remove(_ reference: ObjectReference) {
        switch reference.kind {
        case .service: replaceService(reference.objectName, with: nil)
        case .endpointSlice: replaceSlice(reference, with: nil)
        case .endpoints: replaceEndpoints(reference.objectName, with: nil)
        case .pod: replacePod(reference.objectName, with: nil)
        case .node: if identity.isNamed(reference.name) { replaceNode(with: nil) }
        case .serviceCIDR: replaceServiceCIDR(reference.name, with: nil)
        case .ingress, .ingressClass, .secret, .configMap, .namespace: break
        }
    }

    private func resolve(_ name: ObjectName, _ entry: ServiceEntry) -> ServiceResolution {
        guard let service = entry.service else { return ServiceResolution() }
        guard let served = service.served else { return ServiceResolution(problems: service.problems) }
        return ServiceResolution(
            served,
            readingProblems: service.problems,
            source: endpointSource(of: served, entry),
            claims: claims,
            circumstances: circumstances
        )
    }

    private mutating func remember(_ outcome: Returned, as name: ObjectName, after former: Returned) {
        serviceCount += min(1, Int(outcome.frontEndCount)) - min(1, Int(former.frontEndCount))
        endpointCount += Int(outcome.endpointCount) - Int(former.endpointCount)
        localEndpointGaps.replace(former.gaps, with: outcome.gaps)
        entries.change(name) { $0.returned = outcome }
        entries.removeIfVacant(name)
    }
}

extension ObjectReference {
    /// The namespace and name, where the kind is known.
    var objectName: ObjectName { ObjectName(namespace: namespace, name: name) }

    /// The reference to a Service.
    static func service(_ name: ObjectName) -> ObjectReference {
        ObjectReference(kind: .service, namespace: name.namespace, name: name.name)
    }
}
