internal import ServiceModel

/// The health checks that stand, and what changed since they were last told.
struct HealthCheckLedger: Sendable {
    private var standing: [ObjectName: HealthCheck] = [:]
    /// What was last told of the Services whose health checks have changed since; nil for no health check.
    private var toldOfChanged: [ObjectName: HealthCheck?] = [:]

    /// All of them, by Service.
    ///
    /// - Complexity: O(*n* log *n*) in their number.
    var all: [HealthCheck] { standing.values.sorted { $0.service < $1.service } }

    /// Puts a health check, or none, in the place of a Service's.
    mutating func replace(of service: ObjectName, with check: HealthCheck?) {
        let former = standing[service]
        guard former != check else { return }
        if !toldOfChanged.keys.contains(service) { toldOfChanged.updateValue(former, forKey: service) }
        standing[service] = check
    }

    /// Returns what is new or different and what is gone since the last call, by Service.
    mutating func takeChanges() -> (changed: [HealthCheck], cleared: [ObjectName]) {
        var changed: [HealthCheck] = []
        var cleared: [ObjectName] = []
        for (service, told) in toldOfChanged where standing[service] != told {
            if let check = standing[service] { changed.append(check) } else { cleared.append(service) }
        }
        toldOfChanged.removeAll()
        return (changed.sorted { $0.service < $1.service }, cleared.sorted())
    }
}
