package import HTTPWire
package import TLS
package import Telemetry

/// What a worker begins with.
package struct WorkerSetup: Sendable {
    /// What does not change.
    package var settings: WorkerSettings
    /// How large heads may be.
    package var limits: HeadLimits
    /// Versions, ciphers and protocols.
    package var tlsSettings: TLSSettings
    /// The keys of session tickets, which all workers share.
    package var ticketKeys: TicketKeys
    /// The tables to begin with.
    package var tables: GatewayTables
    /// Where log lines of exchanges go; nil for nowhere.
    package var accessLog: AccessLogWriter?
    /// How they look.
    package var accessLogFormat = AccessLogFormat.upstreamInfo
    /// Where to tell what an operator should know; nil for nowhere.
    package var log: Logger?

    /// Puts together what a worker begins with.
    package init(
        settings: WorkerSettings,
        limits: HeadLimits = HeadLimits(),
        tlsSettings: TLSSettings = TLSSettings(),
        ticketKeys: TicketKeys,
        tables: GatewayTables
    ) {
        self.settings = settings
        self.limits = limits
        self.tlsSettings = tlsSettings
        self.ticketKeys = ticketKeys
        self.tables = tables
    }
}
