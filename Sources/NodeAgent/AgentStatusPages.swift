package import NetworkAddress
package import ServiceModel
package import StatusServer
internal import Telemetry

/// Who answers what on the agent's ports.
package struct AgentStatusPages: Sendable {
    private let board: StatusBoard<AgentStatus>
    private let metrics: ProxyMetrics
    private let healthchecks = HealthcheckMetrics()
    private let began = AgentStatus.Moment.now
    private let configuration: String
    /// The command line; nil when the page is turned off.
    private let flags: String?
    private let showsStatus: Bool

    /// What Kubernetes' programs put at the head of pages for people.
    static let zPageWarning =
        "Warning: This endpoint is not meant to be machine parseable, has no formatting compatibility guarantees and is "
        + "for debugging purposes only."

    /// Creates the pages.
    ///
    /// - Parameters:
    ///   - board: Where the agent leaves its status.
    ///   - metrics: What is counted.
    ///   - options: What the operator chose.
    package init(board: StatusBoard<AgentStatus>, metrics: ProxyMetrics, options: AgentOptions) {
        self.board = board
        self.metrics = metrics
        configuration = options.configz
        flags = options.isOn(.flagz) ? options.flagz : nil
        showsStatus = options.isOn(.statusz)
    }

    /// Answers on the health port (10256): any method.
    package func health(_ request: StatusRequest) -> StatusResponse {
        switch request.path {
        case "/healthz":
            let response = board.value.healthz(at: .now)
            metrics.healthzAnswers[String(response.status.rawValue)].increment()
            return response
        case "/livez":
            let response = board.value.livez(at: .now)
            metrics.livezAnswers[String(response.status.rawValue)].increment()
            return response
        default:
            return .notFound
        }
    }

    /// Answers on the metrics port (10249): GET and HEAD.
    package func metrics(_ request: StatusRequest) -> StatusResponse {
        let answer: () -> StatusResponse
        switch request.path {
        case "/healthz":
            answer = {
                healthchecks.succeeded()
                return .plain(.ok, "ok")
            }
        case "/proxyMode": answer = { .plain(.ok, "nftables") }
        case "/configz": answer = { StatusResponse(.ok, fields: AgentStatus.jsonFields, body: configuration) }
        case "/metrics": answer = { Self.exposition(metrics.registry) }
        case "/metrics/slis": answer = { Self.exposition(healthchecks.registry) }
        case "/flagz":
            guard let flags else { return .notFound }
            answer = { .plain(.ok, flags) }
        case "/statusz":
            guard showsStatus else { return .notFound }
            answer = { .plain(.ok, statusz(at: .now)) }
        default: return .notFound
        }
        return ["GET", "HEAD"].contains(request.method) ? answer() : .readOnly
    }

    private static func exposition(_ registry: MetricRegistry) -> StatusResponse {
        let type = StatusResponse.Field("Content-Type", MetricRegistry.contentType)
        return StatusResponse(.ok, fields: [type], body: registry.exposition())
    }

    private func statusz(at moment: AgentStatus.Moment) -> String {
        let seconds = (moment.monotonic - began.monotonic).components.seconds
        func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return """

            fairlead-agent statusz
            \(Self.zPageWarning)

            Started: \(began.wall)
            Up: \(seconds / 3600) hr \(padded(seconds / 60 % 60)) min \(padded(seconds % 60)) sec
            Binary version: \(AgentBuild.version)

            """
    }

    /// Answers on a Service's health check port: any method, any path.
    package func healthCheck(of service: ObjectName, in family: AddressFamily) -> StatusResponse {
        board.value.healthCheck(of: service, in: family, at: .now)
    }
}
