internal import KubernetesAPI
internal import ServiceModel

extension ServiceDirectory {
    /// Takes a slice, or its absence; one that names another Service than before leaves that one.
    mutating func replaceSlice(_ reference: ObjectReference, with slice: EndpointSlice?) {
        let reading = slice.flatMap { SliceReading($0, on: identity) }
        let owner = reading == nil ? nil : slice?.metadata.labels[EndpointSlice.serviceNameLabel]
        reportOwnerless(reference, slice, isOwnerless: reading != nil && owner == nil)
        let service = owner.map { ObjectName(namespace: reference.namespace, name: $0) }
        let former = serviceBySlice[reference.objectName].map {
            ObjectName(namespace: reference.namespace, name: $0)
        }
        if let former, former != service {
            entries.change(former) { $0.removeSlice(named: reference.name) }
            touched.insert(former)
            noteZones(of: former)
        }
        if former != service { serviceBySlice[reference.objectName] = service?.name }
        if let former, reading == nil { triggers[former] = nil }
        guard let service, let reading else { return }
        guard entries.change(service, { $0.replaceSlice(reading) }) else { return }
        touched.insert(service)
        if let time = slice?.lastChangeTrigger {
            triggers[service, default: []].append(ChangeTrigger(family: reading.group.family, time: time))
        }
        noteZones(of: service)
    }

    private mutating func noteZones(of service: ObjectName) {
        if entries[service]?.dependsOnZone == true {
            zoneHinted.insert(service)
        } else {
            zoneHinted.remove(service)
        }
    }

    /// Takes an Endpoints object, or its absence.
    mutating func replaceEndpoints(_ name: ObjectName, with endpoints: Endpoints?) {
        let reading = endpoints.map { EndpointsReading($0, on: identity) }
        guard entries[name]?.endpoints != reading else { return }
        entries.change(name) { $0.endpoints = reading }
        touched.insert(name)
    }

    private mutating func reportOwnerless(_ reference: ObjectReference, _ slice: EndpointSlice?, isOwnerless: Bool) {
        guard isOwnerless, let slice else { return ledger.replace(of: reference, with: []) }
        let problem = ObjectProblem(
            .endpointSlice,
            slice.metadata,
            field: "metadata.labels",
            message: "\(EndpointSlice.serviceNameLabel) is missing, so that the slice belongs to no Service; "
                + "it is left out"
        )
        ledger.replace(of: reference, with: [problem])
    }
}
