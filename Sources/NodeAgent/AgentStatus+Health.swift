package import NetworkAddress
internal import ServiceDiscovery
package import ServiceModel
package import StatusServer
internal import Telemetry

extension AgentStatus {
    /// The answer of `/healthz` on the health port: whether load balancers should send new flows to this node.
    ///
    /// The form is kube-proxy's, and so are its oddities: `healthy` says nothing of the node, and while all is well
    /// `lastUpdated` is the present.
    package func healthz(at moment: Moment) -> StatusResponse {
        health(isFine: isHealthy(at: moment) && node == .eligible, nodeEligible: node == .eligible, at: moment)
    }

    /// The answer of `/livez` on the health port: the same without regard to the node.
    package func livez(at moment: Moment) -> StatusResponse {
        health(isFine: isHealthy(at: moment), nodeEligible: nil, at: moment)
    }

    private func health(isFine: Bool, nodeEligible: Bool?, at moment: Moment) -> StatusResponse {
        let lastUpdated = isFine ? moment.wall : lastUpdated
        var body = "{\"lastUpdated\":\(Self.json(lastUpdated)),\"currentTime\":\(Self.json(moment.wall))"
        if let nodeEligible { body += ",\"nodeEligible\":\(nodeEligible)" }
        body += ",\"healthy\":\(isHealthy(at: moment))"
        let reports = familyReports(at: moment).map { report in
            "\"\(report.family)\":{\"lastUpdated\":\(Self.json(report.lastUpdated)),\"healthy\":\(report.isHealthy)}"
        }
        if !reports.isEmpty { body += ",\"status\":{\(reports.joined(separator: ","))}" }
        return StatusResponse(isFine ? .ok : .unavailable, fields: Self.jsonFields, body: body + "}")
    }

    /// The answer on a Service's health check port: whether this node has endpoints of its own to send flows to.
    ///
    /// - Parameters:
    ///   - service: The Service.
    ///   - family: The family of the address that was asked.
    ///   - moment: The present.
    /// - Returns: 200 with at least one ready endpoint on this node while the agent is healthy, else 503.
    package func healthCheck(of service: ObjectName, in family: AddressFamily, at moment: Moment) -> StatusResponse {
        let endpoints = localEndpoints[service]?[family] ?? 0
        let isHealthy = isHealthy(at: moment)
        let body = """
            {
            \t"service": {
            \t\t"namespace": \(JSONText.quoted(service.namespace)),
            \t\t"name": \(JSONText.quoted(service.name))
            \t},
            \t"localEndpoints": \(endpoints),
            \t"serviceProxyHealthy": \(isHealthy)
            }
            """
        return StatusResponse(
            isHealthy && endpoints > 0 ? .ok : .unavailable,
            fields: Self.jsonFields + [.init("X-Load-Balancing-Endpoint-Weight", String(endpoints))],
            body: body
        )
    }

    static let jsonFields: [StatusResponse.Field] = [
        .init("Content-Type", "application/json"), .init("X-Content-Type-Options", "nosniff"),
    ]

    /// A time as Go writes it; its zero, the first moment of the year 1, stands for none.
    private static func json(_ time: WallTime?) -> String {
        JSONText.quoted((time ?? WallTime(seconds: -62_135_596_800)).rfc3339Nano)
    }
}
