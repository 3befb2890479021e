internal import LabKit
internal import NetfilterKernel
internal import NetworkAddress
internal import Nftables

/// kube-proxy's nftables layout, through a tool that reads nft commands.
final class NftSubject: SyncSubject {
    let name: String
    private var layout: KubeProxyNftLayout
    private let form: KubeProxyNftLayout.Form
    private let cluster: SyntheticCluster
    private let tool: any TextTool
    private let setting: ToolSetting
    /// Whether kube-proxy lists its table like this, which it does with the program alone.
    private let lists: Bool
    private let kernel: KernelRuleset

    init(
        _ name: String,
        _ cluster: SyntheticCluster,
        _ form: KubeProxyNftLayout.Form,
        _ tool: any TextTool,
        _ setting: ToolSetting,
        lists: Bool
    ) throws {
        self.name = name
        self.cluster = cluster
        self.form = form
        self.tool = tool
        self.setting = setting
        self.lists = lists
        layout = KubeProxyNftLayout(cluster, form: form)
        kernel = try KernelRuleset()
    }

    func programCold() throws -> SyncSample {
        layout = KubeProxyNftLayout(cluster, form: form)
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

    func removeAll() throws { _ = try tool.apply("delete table \(table)\n", watchesMemory: false) }

    func stop() { tool.stop() }

    private var table: Table { Table(TableFamily(cluster.family), KubeProxyNftLayout.table) }

    /// Lists the table as kube-proxy does before every transaction.
    func listing() throws -> SyncSample? {
        guard lists else { return nil }
        let command = ["nft", "--json", "--terse", "list", "table", table.family.rawValue, table.name]
        let run = try TimedCommand(command, timeout: setting.timeout, check: setting.check)
        guard run.isSuccess, run.output.contains(KubeProxyNftLayout.serviceMap) else {
            throw BenchFault("'\(command.joined(separator: " "))' did not list the table: \(run.output.prefix(500))")
        }
        return SyncSample(began: run.began, duration: run.duration, processorTime: run.processorTime)
    }

    func check() throws {
        let address = DataType.address(cluster.family)
        let map = SetDeclaration(
            KubeProxyNftLayout.serviceMap,
            key: [address, .transportProtocol, .port],
            content: .verdicts
        )
        let services = layout.state.services.count
        let held = try kernel.elements(of: map, in: table).count
        let chains = try kernel.contents(of: table)?.chains ?? [:]
        // A chain that leads nowhere would be there as well, but empty.
        let filled = chains.filter { $0.key.name.hasPrefix(KubeProxyNftLayout.serviceChainPrefix) && $0.value > 0 }
        let own = filled.filter { $0.key.name.contains("/") }.count
        guard held == services, own == services else {
            throw BenchFault(
                "\(name): the kernel holds \(held) elements and \(own) chains of Services, not \(services) of each: "
                    + "the measurement is void"
            )
        }
    }
}
