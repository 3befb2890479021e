package import NetworkAddress
package import ServiceModel
package import StatusServer
internal import Telemetry

/// Who answers what on the agent's ports.
package struct AgentStatusPages: Sendable {
    private let board: StatusBoard<AgentStatus>
    private let metrics: ProxyMetrics
    private let configuration: String

    /// Creates the pages.
    ///
    /// - Parameters:
    ///   - board: Where the agent leaves its status.
    ///   - metrics: What is counted.
    ///   - configuration: The configuration in effect, as JSON.
    package init(board: StatusBoard<AgentStatus>, metrics: ProxyMetrics, configuration: String) {
        self.board = board
        self.metrics = metrics
        self.configuration = configuration
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
        case "/healthz": answer = { .plain(.ok, "ok") }
        case "/proxyMode": answer = { .plain(.ok, "nftables") }
        case "/configz": answer = { StatusResponse(.ok, fields: AgentStatus.jsonFields, body: configuration) }
        case "/metrics":
            let type = StatusResponse.Field("Content-Type", MetricRegistry.contentType)
            answer = { StatusResponse(.ok, fields: [type], body: metrics.registry.exposition()) }
        default: return .notFound
        }
        return ["GET", "HEAD"].contains(request.method) ? answer() : .readOnly
    }

    /// Answers on a Service's health check port: any method, any path.
    package func healthCheck(of service: ObjectName, in family: AddressFamily) -> StatusResponse {
        board.value.healthCheck(of: service, in: family, at: .now)
    }
}
