internal import ByteBuffers
internal import Routing
internal import TLS

/// What holds for all routes, as far as it is asked for at every request: numbers and yes or no, so that nothing is
/// retained.
struct ServingRules: BitwiseCopyable {
    let headMilliseconds: Int64
    let bodyMilliseconds: Int64
    let idleMilliseconds: Int64
    let upstreamIdleMilliseconds: Int64
    let requestsPerConnectionMax: Int32
    let requestsPerUpstreamMax: Int32
    let idleUpstreamsMax: Int
    let makesRequestID: Bool
    let keepsServerField: Bool
    let forwardsRawPath: Bool
    let trustsForwardedFields: Bool
    let appendsForwardedFor: Bool
    let hasUnloggedTargets: Bool

    init(_ settings: ProxySettings) {
        headMilliseconds = Int64(settings.headMilliseconds)
        bodyMilliseconds = Int64(settings.bodyMilliseconds)
        idleMilliseconds = Int64(settings.idleMilliseconds)
        upstreamIdleMilliseconds = Int64(settings.upstreamIdleMilliseconds)
        requestsPerConnectionMax = settings.requestsPerConnectionMax
        requestsPerUpstreamMax = settings.requestsPerUpstreamMax
        idleUpstreamsMax = Int(settings.idleUpstreamsMax)
        makesRequestID = settings.makesRequestID
        keepsServerField = settings.keepsServerField
        forwardsRawPath = settings.forwardsRawPath
        trustsForwardedFields = settings.trustsForwardedFields
        appendsForwardedFor = settings.appendsForwardedFor
        hasUnloggedTargets = !settings.unloggedTargets.isEmpty
    }
}

extension Worker {
    /// Serves by other tables from now on; exchanges that are under way go on by theirs.
    mutating func adopt(_ tables: GatewayTables) {
        shelf.adopt(tables)
        serverTLS.table = tables.certificates
        mailbox.serves(by: tables)
        rules = ServingRules(tables.routing.settings)
        transportSecurityLine.removeAll()
        if let value = tables.routing.settings.strictTransportSecurity {
            transportSecurityLine.append("Strict-Transport-Security: ")
            transportSecurityLine.append(value)
            transportSecurityLine.append("\r\n")
        }
    }
}
