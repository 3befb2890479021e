package import HTTPWire
package import TLS

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
