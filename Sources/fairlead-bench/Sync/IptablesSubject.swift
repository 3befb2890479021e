internal import LabKit
internal import NetworkAddress

/// kube-proxy's iptables layout, through `iptables-restore`.
final class IptablesSubject: SyncSubject {
    /// Which of the two programs of the name, which bring rules to different parts of the kernel.
    enum Variant: String {
        /// What the machine's own `iptables-restore` is.
        case usual = "iptables"
        /// The one over nf_tables.
        case nft = "iptables-nft"
        /// The one over x_tables.
        case legacy = "iptables-legacy"

        /// The beginning of its programs' names.
        func program(_ family: AddressFamily) -> String {
            let base = family == .ipv4 ? "iptables" : "ip6tables"
            return switch self {
            case .usual: base
            case .nft: "\(base)-nft"
            case .legacy: "\(base)-legacy"
            }
        }
    }

    let name: String
    private let variant: Variant
    private let cluster: SyntheticCluster
    private var layout: KubeProxyIptablesLayout
    private let tool: CommandTool
    private let setting: ToolSetting

    init(_ variant: Variant, _ cluster: SyntheticCluster, _ setting: ToolSetting) throws {
        name = variant.rawValue
        self.variant = variant
        self.cluster = cluster
        self.setting = setting
        layout = KubeProxyIptablesLayout(cluster)
        let program = variant.program(cluster.family)
        tool = CommandTool(["\(program)-restore", "-w", "5", "--noflush", "--counters"], setting)
        _ = try tool.apply(KubeProxyIptablesLayout.setup, watchesMemory: false)
    }

    func programCold() throws -> SyncSample {
        layout = KubeProxyIptablesLayout(cluster)
        return try tool.apply(layout.everything(isRestart: false), watchesMemory: true)
    }

    func programAgain() throws -> SyncSample {
        try tool.apply(layout.everything(isRestart: true), watchesMemory: true)
    }

    func program(_ changes: [ClusterChange]) throws -> SyncSample {
        try tool.apply(layout.text(for: changes), watchesMemory: false)
    }

    func tidy() throws {
        if let text = layout.tidying() { _ = try tool.apply(text, watchesMemory: false) }
    }

    func removeAll() throws {
        // Without --noflush everything goes that is not in the input.
        let restore = CommandTool(["\(variant.program(cluster.family))-restore", "-w", "5"], setting)
        _ = try restore.apply("*filter\nCOMMIT\n*nat\nCOMMIT\n", watchesMemory: false)
        _ = try tool.apply(KubeProxyIptablesLayout.setup, watchesMemory: false)
    }

    func check() throws {
        let program = "\(variant.program(cluster.family))-save"
        let run = try TimedCommand(
            [program, "-t", "nat"],
            timeout: setting.timeout,
            outputBytesMax: .max,
            check: setting.check
        )
        guard run.isSuccess else { throw BenchFault("\(program) ended with \(run.status): \(run.output.prefix(500))") }
        var (services, endpoints) = (0, 0)
        for line in run.output.utf8.split(separator: 10) {
            if line.starts(with: "-A KUBE-SERVICES -d".utf8) { services += 1 }
            if line.starts(with: "-A KUBE-SEP-".utf8), Self.translates(line) { endpoints += 1 }
        }
        let (wantedServices, wantedEndpoints) = (layout.state.services.count, layout.state.endpointCount)
        guard services == wantedServices, endpoints == wantedEndpoints else {
            throw BenchFault(
                "\(name): the kernel holds rules of \(services) Services and \(endpoints) endpoints, "
                    + "not of \(wantedServices) and \(wantedEndpoints): the measurement is void"
            )
        }
    }

    /// Whether a rule of an endpoint is the one that translates: the other marks what the endpoint itself sends.
    private static func translates(_ line: some Collection<UInt8>) -> Bool {
        String(decoding: line, as: UTF8.self).contains("--to-destination")
    }
}
