/// What the blocks of all modes say.
protocol SyncingBlock: ConfigurationBlock {
    /// How often everything is looked after.
    var syncPeriod: Duration { get set }
    /// The least time from one change of the rules to the next.
    var minSyncPeriod: Duration { get set }
}

extension SyncingBlock {
    fileprivate static var syncFields: [ConfigurationField<Self>] {
        [ConfigurationField("syncPeriod", \.syncPeriod), ConfigurationField("minSyncPeriod", \.minSyncPeriod)]
    }
}

/// What the blocks of the modes say that masquerade by a mark of their own.
protocol MasqueradingBlock: SyncingBlock {
    /// The bit of the packet mark that says "masquerade me".
    var masqueradeBit: Int32? { get set }
    /// Whether every flow to a cluster IP is masqueraded.
    var masqueradeAll: Bool { get set }
}

extension MasqueradingBlock {
    fileprivate static var masqueradeFields: [ConfigurationField<Self>] {
        [ConfigurationField("masqueradeBit", \.masqueradeBit), ConfigurationField("masqueradeAll", \.masqueradeAll)]
    }

    /// Fills in the defaults, which are those of either mode.
    mutating func applyDefaults() {
        masqueradeBit = masqueradeBit ?? Self.defaultMasqueradeBit
        if syncPeriod == .zero { syncPeriod = .seconds(30) }
        if minSyncPeriod == .zero { minSyncPeriod = .seconds(1) }
    }

    /// The settings, with the periods of a block that may be another one.
    func settings(syncingAs periods: some SyncingBlock) -> ModeSettings {
        ModeSettings(
            masqueradeBit: Int(masqueradeBit ?? Self.defaultMasqueradeBit),
            masqueradeAll: masqueradeAll,
            syncPeriod: periods.syncPeriod,
            minSyncPeriod: periods.minSyncPeriod
        )
    }

    private static var defaultMasqueradeBit: Int32 { 14 }
}

/// Settings of the modes iptables and ipvs.
package struct IPTablesSettings: Hashable, Sendable, MasqueradingBlock {
    /// The bit of the packet mark that says "masquerade me".
    package var masqueradeBit: Int32?
    /// Whether every flow to a cluster IP is masqueraded.
    package var masqueradeAll = false
    /// Whether node ports are open on 127.0.0.1.
    package var localhostNodePorts: Bool?
    /// How often everything is looked after.
    package var syncPeriod = Duration.zero
    /// The least time from one change of the rules to the next.
    package var minSyncPeriod = Duration.zero

    init() {}

    static var fields: [ConfigurationField<Self>] {
        masqueradeFields + [ConfigurationField("localhostNodePorts", \.localhostNodePorts)] + syncFields
    }
}

/// Settings of the mode nftables.
package struct NFTablesSettings: Hashable, Sendable, MasqueradingBlock {
    /// The bit of the packet mark that says "masquerade me".
    package var masqueradeBit: Int32?
    /// Whether every flow to a cluster IP is masqueraded.
    package var masqueradeAll = false
    /// How often everything is looked after.
    package var syncPeriod = Duration.zero
    /// The least time from one change of the rules to the next.
    package var minSyncPeriod = Duration.zero

    init() {}

    static var fields: [ConfigurationField<Self>] { masqueradeFields + syncFields }
}

/// Settings of the mode ipvs.
package struct IPVSSettings: Hashable, Sendable, SyncingBlock {
    /// How often everything is looked after.
    package var syncPeriod = Duration.zero
    /// The least time from one change of the rules to the next.
    package var minSyncPeriod = Duration.zero
    /// How endpoints are chosen.
    package var scheduler = ""
    /// Ranges whose virtual servers are left alone.
    package var excludeCIDRs: [String] = []
    /// Whether the node answers ARP for addresses of its own interface alone.
    package var strictARP = false
    /// How long an idle TCP connection is kept; zero leaves the kernel's value.
    package var tcpTimeout = Duration.zero
    /// How long a TCP connection is kept after a FIN; zero leaves the kernel's value.
    package var tcpFinTimeout = Duration.zero
    /// How long an idle UDP flow is kept; zero leaves the kernel's value.
    package var udpTimeout = Duration.zero

    init() {}

    static var fields: [ConfigurationField<Self>] {
        syncFields + [
            ConfigurationField("scheduler", \.scheduler),
            ConfigurationField("excludeCIDRs", \.excludeCIDRs),
            ConfigurationField("strictARP", \.strictARP),
            ConfigurationField("tcpTimeout", \.tcpTimeout),
            ConfigurationField("tcpFinTimeout", \.tcpFinTimeout),
            ConfigurationField("udpTimeout", \.udpTimeout),
        ]
    }
}
