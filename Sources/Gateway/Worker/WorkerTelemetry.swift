internal import ByteBuffers
internal import EventIO
internal import HTTPSemantics
internal import HTTPWire
internal import PatternMatching
internal import Routing
internal import TLS

struct ReportRequest: Sendable {}

struct Counters {
    mutating func acceptFailed() {}
    mutating func accepted() {}
    mutating func handshakeDone(isResumed: Bool) {}
    mutating func refused(_ fault: HeadFault) {}
    mutating func badResponse() {}
    mutating func retried() {}
    mutating func ejected() {}
    mutating func connected(microseconds: Int64) {}
}

struct WorkerTelemetry: ~Copyable {
    var metrics = Counters()
    init(number: Int, setup: WorkerSetup) {}
    mutating func roundEnds(now: Int64) {}
    func flushWait(now: Int64) -> Int32? { nil }
    mutating func end(now: Int64) {}
    mutating func adopted(_ tables: GatewayTables) {}
    mutating func report(to request: ReportRequest, connections: ConnectionCounts) {}
    mutating func tlsFailed(_ fault: TLSFault, peer: PeerAddress) {}
    mutating func refused(_ link: Link, _ status: HTTPStatus, now: Int64, wallSeconds: Int64) {}
    mutating func searchGivenUp(_ fault: PatternFault, _ route: Route) {}
}
extension Worker {
    mutating func logLine(_ exchange: Int32) {}
    mutating func noteAttempt(_ exchange: Int32) {}
    mutating func appendAffinityCookie(_ exchange: Int32) {}
}
