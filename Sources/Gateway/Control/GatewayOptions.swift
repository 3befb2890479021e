package import HTTPWire
package import IngressDiscovery
package import NetworkAddress
package import TLS

/// What an operator chose for a gateway.
package struct GatewayOptions: Sendable {
    /// How the gateway's threads serve.
    package var worker = WorkerSettings()
    /// The number of threads that serve.
    package var workerCount = 1
    /// Which Ingresses count, and what stands in for what they leave out.
    package var ingress = IngressSettings()
    /// How large heads may be.
    package var limits = HeadLimits()
    /// Versions, ciphers and protocols of TLS.
    package var tls = TLSSettings()
    /// Where `/healthz` and `/metrics` are answered; nil for nowhere.
    package var status: TransportAddress?
    /// The path on the status port that tells whether the gateway wants requests.
    package var healthPath = "/healthz"
    /// Whether `/metrics` is answered.
    package var hasMetrics = true
    /// Where the access log goes.
    package var accessLog = AccessLogTarget.standardOutput
    /// How its lines look.
    package var accessLogFormat = AccessLogFormat.upstreamInfo
    /// The labels that all metrics have.
    package var labels = ControllerLabels(controllerClass: "k8s.io/ingress-nginx", namespace: "", pod: "")
    /// Whether metrics tell hosts apart.
    package var hasMetricsPerHost = true
    /// How long connections are taken on after the signal to end, while load balancers take note.
    package var shutdownGrace = Duration.seconds(0)
    /// How long exchanges may go on after that.
    package var drainLimit = Duration.seconds(240)

    /// Creates the options of a gateway that listens nowhere.
    package init() {}
}
