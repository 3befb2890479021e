internal import ServiceModel

/// What was last returned for a Service, as far as it takes to tell whether there is something new.
///
/// The front ends themselves are whoever's that took them; keeping them here too would take as much memory as all else
/// that is known of a Service.
struct Returned: Equatable, Sendable {
    private let fingerprint: Fingerprint
    /// How many front ends there were.
    let frontEndCount: Int32
    /// The endpoints behind them.
    let endpointCount: Int32
    /// The ports without local endpoints.
    let gaps: LocalEndpointGaps

    /// What stands for a Service that nothing was returned for.
    static let nothing = Returned(ServiceResolution())

    /// Remembers a resolution.
    init(_ resolution: ServiceResolution) {
        fingerprint = Fingerprint(of: resolution.frontEnds)
        frontEndCount = Int32(resolution.frontEnds.count)
        endpointCount = Int32(resolution.endpointCount)
        gaps = resolution.portsWithoutLocalEndpoints
    }

    /// Whether both have the same front ends.
    func hasFrontEnds(of other: Returned) -> Bool {
        frontEndCount == other.frontEndCount && fingerprint == other.fingerprint
    }
}
