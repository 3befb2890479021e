internal import NetworkAddress
internal import ServiceModel
internal import Telemetry

/// What is wanted for single Services, as far as metrics tell it.
///
/// The agent's thread keeps it.
struct WantedServices {
    /// A family and a policy of which a Service has ports without an endpoint here.
    private struct Gap: Hashable {
        let family: AddressFamily
        let policy: String
    }

    private let metrics: ProxyMetrics
    /// How many Services have metrics of their own.
    private let servicesMax: Int
    private var shown: Set<ObjectName> = []
    private var gaps: [ObjectName: [Gap: Int]] = [:]

    init(metrics: ProxyMetrics, servicesMax: Int) {
        self.metrics = metrics
        self.servicesMax = servicesMax
    }

    /// Takes what is wanted now.
    mutating func update(_ snapshots: [ServiceSnapshot]) {
        for snapshot in snapshots {
            updateGaps(snapshot)
            if servicesMax > 0 { updateEndpoints(snapshot) }
        }
    }

    private mutating func updateGaps(_ snapshot: ServiceSnapshot) {
        var ports: [Gap: Set<String>] = [:]
        // A flow is dropped only where another node could have answered: under a Local policy. Those of cluster IPs
        // obey the internal one; front ends under the external one never masquerade.
        for frontEnd in snapshot.frontEnds where frontEnd.action == .drop {
            let policy = frontEnd.masquerade == .never ? "external" : "internal"
            ports[Gap(family: frontEnd.key.family, policy: policy), default: []].insert(frontEnd.portName)
        }
        let after = ports.mapValues(\.count)
        let before = gaps[snapshot.service] ?? [:]
        guard before != after else { return }
        for (gap, count) in before {
            metrics.kubeProxy.withoutLocalEndpoints[gap.family.description, gap.policy].add(-Double(count))
        }
        for (gap, count) in after {
            metrics.kubeProxy.withoutLocalEndpoints[gap.family.description, gap.policy].add(Double(count))
        }
        gaps[snapshot.service] = after.isEmpty ? nil : after
    }

    private mutating func updateEndpoints(_ snapshot: ServiceSnapshot) {
        let service = snapshot.service
        if snapshot.frontEnds.isEmpty {
            if shown.remove(service) != nil {
                metrics.serviceEndpoints.remove(service.namespace, service.name)
            }
            return
        }
        guard shown.contains(service) || shown.count < servicesMax else { return }
        shown.insert(service)
        let endpoints = snapshot.frontEnds.map { frontEnd in
            if case .forward(let endpoints) = frontEnd.action { endpoints.count } else { 0 }
        }
        metrics.serviceEndpoints[service.namespace, service.name].set(endpoints.max() ?? 0)
    }
}
