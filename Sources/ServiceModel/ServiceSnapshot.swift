/// Everything that this node does for one Service, resolved: no Kubernetes rule is left to apply.
///
/// A snapshot is replaced whole; one without front ends says that nothing is programmed for the Service.
package struct ServiceSnapshot: Hashable, Sendable {
    /// The Service.
    package let service: ObjectName

    /// Its ways in, over both families; no key twice, here or in any other Service's snapshot.
    package let frontEnds: [FrontEnd]

    /// Creates the snapshot of a Service.
    package init(service: ObjectName, frontEnds: [FrontEnd]) {
        self.service = service
        self.frontEnds = frontEnds
    }
}
