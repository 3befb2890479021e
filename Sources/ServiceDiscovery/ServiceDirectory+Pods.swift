internal import KubernetesAPI
internal import ServiceModel

extension ServiceDirectory {
    /// Takes a pod, or its absence, and touches the Services that select it or did.
    mutating func replacePod(_ name: ObjectName, with pod: Pod?) {
        let reading = pod.flatMap { PodReading($0, on: identity) }
        let former = pods.replace(name, with: reading)
        guard reading != former else { return }
        if let former { touchServices(in: name.namespace, selecting: former.labels) }
        if let reading, reading.labels != former?.labels {
            touchServices(in: name.namespace, selecting: reading.labels)
        }
    }

    /// The objects that a Service's endpoints are taken from.
    func endpointSource(of service: ServedService, _ entry: ServiceEntry) -> EndpointSource {
        if !entry.slices.isEmpty { return .slices(entry.slices) }
        if let endpoints = entry.endpoints { return .endpoints(endpoints) }
        return .pods(
            pods.pods(in: service.claim.service.namespace, matching: service.selector),
            publishingNotReady: service.publishesNotReady
        )
    }

    private mutating func touchServices(in namespace: String, selecting labels: [String: String]) {
        for name in selectors.candidates(in: namespace, for: labels) {
            guard let entry = entries[name], entry.usesPods, let served = entry.service?.served,
                served.selector.match(labels)
            else { continue }
            touched.insert(name)
        }
    }
}
