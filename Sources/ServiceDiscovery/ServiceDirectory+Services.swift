internal import KubernetesAPI
internal import ServiceModel

extension ServiceDirectory {
    /// Takes a Service, or its absence.
    mutating func replaceService(_ name: ObjectName, with service: Service?) {
        let reading = service.map { ServiceReading($0, servesExternalIPs: servesExternalIPs) }
        let former = entries[name]?.service
        guard reading != former else { return }
        replaceClaims(of: former?.served, with: reading?.served)
        replaceSelector(of: name, former: former?.served, with: reading?.served)
        if reading?.served?.sourceRanges == nil { sourceLimited.remove(name) } else { sourceLimited.insert(name) }
        entries.change(name) { $0.service = reading }
        touched.insert(name)
        if let service, priority.contains(service) {
            priorityServices.insert(name)
        } else {
            priorityServices.remove(name)
        }
    }

    private mutating func replaceClaims(of former: ServedService?, with latter: ServedService?) {
        let released = former?.claims ?? [:]
        let claimed = latter?.claims ?? [:]
        for (resource, claim) in released where claimed[resource] != claim { claims.remove(claim, on: resource) }
        for (resource, claim) in claimed where released[resource] != claim { claims.add(claim, on: resource) }
    }

    private mutating func replaceSelector(of name: ObjectName, former: ServedService?, with latter: ServedService?) {
        guard former?.selector ?? [] != latter?.selector ?? [] else { return }
        if let anchor = entries[name]?.selectorAnchor, let former {
            selectors.remove(name, anchor: former.selector[Int(anchor)])
        }
        let anchor = selectors.insert(name, selector: latter?.selector ?? [])
        entries.change(name) { $0.selectorAnchor = anchor }
    }
}
