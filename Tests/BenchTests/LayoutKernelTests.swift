import LabKit
import LinuxSystem
import NetworkAddress
import Testing

@testable import fairlead_bench

/// Whether what peers write is taken by the kernel, and leads packets where it should.
@Suite(.enabled(if: Lab.isAvailable, "\(Lab.unavailableReason ?? "")"), .serialized)
struct `Layouts of peers in the kernel` {
    static let families: [AddressFamily] = [.ipv4, .ipv6]

    private static func setting(_ lab: Lab) -> ToolSetting {
        ToolSetting(directory: lab.directory, timeout: .seconds(60), check: {})
    }

    private static func subject(_ peer: SyncPeer, _ cluster: SyntheticCluster, in lab: Lab) throws -> any SyncSubject {
        guard peer == .libnftables else { return try peer.subject(cluster, setting(lab), in: lab) }
        // This process is none that could be started as one with the library.
        let program = try LabPrograms.path(of: "fairlead-bench")
        let tool = try LibraryTool(setting(lab), in: lab, program: program)
        return try NftSubject("libnftables", cluster, .endpointMap, tool, setting(lab), lists: false)
    }

    @Test(arguments: families, [KubeProxyNftLayout.Form.endpointMap, .endpointChains])
    func `nft finds no fault with a whole layout`(family: AddressFamily, form: KubeProxyNftLayout.Form) throws {
        let lab = try Lab()
        defer { lab.tearDown() }
        var layout = KubeProxyNftLayout(SyntheticCluster(services: 20, endpoints: 3, family: family), form: form)
        let rules = try lab.write(layout.everything(isRestart: false), to: "rules")
        try withNewNetworkNamespace {
            let result = try lab.run(["nft", "-c", "-f", rules])
            #expect(result.isSuccess, "\(result.error)")
        }
    }

    @Test(arguments: SyncPeer.allCases, families)
    func `connections follow every change`(peer: SyncPeer, family: AddressFamily) throws {
        let lab = try Lab()
        defer { lab.tearDown() }
        let cluster = SyntheticCluster(services: 12, endpoints: 3, family: family)
        let node = try NodeLab(cluster, "layout", in: lab)
        try node.inNode {
            let subject = try Self.subject(peer, cluster, in: lab)
            defer { subject.stop() }
            _ = try subject.programCold()
            try node.check(0, leadsTo: [0, 1, 2], by: subject.name)
            try node.check(11, leadsTo: [0, 1, 2], by: subject.name)
            _ = try subject.program([.endpoints(of: 5, [0, 2, 3])])
            try node.check(5, leadsTo: [0, 2, 3], by: subject.name)
            _ = try subject.program([.added(20, [0, 1]), .endpoints(of: 5, [3])])
            try node.check(5, leadsTo: [3], by: subject.name)
            try node.check(20, leadsTo: [0, 1], by: subject.name)
            try subject.tidy()
            try subject.check()
            _ = try subject.program([.removed(20)])
            try node.checkIsGone(20, by: subject.name)
            try subject.tidy()
            try subject.check()
            _ = try subject.programAgain()
            try node.check(5, leadsTo: [3], by: subject.name)
            try subject.removeAll()
            try node.checkIsGone(0, by: subject.name)
            _ = try subject.programCold()
            try node.check(0, leadsTo: [0, 1, 2], by: subject.name)
        }
    }

    @Test(arguments: [SyncPeer.netlink, .nft, .iptables])
    func `rules that somebody took away are missed`(peer: SyncPeer) throws {
        let lab = try Lab()
        defer { lab.tearDown() }
        let cluster = SyntheticCluster(services: 4, endpoints: 2, family: .ipv4)
        let node = try NodeLab(cluster, "missed", in: lab)
        try node.inNode {
            let subject = try Self.subject(peer, cluster, in: lab)
            _ = try subject.programCold()
            try subject.check()
            let chain = KubeProxyIptablesLayout(cluster).text.split(separator: "\n").first { $0.hasPrefix(":KUBE-SEP") }
            let command =
                switch peer {
                case .netlink: "nft delete element ip fairlead endpoints { 10.96.0.1 . tcp . 80 . 0x1 }"
                case .iptables: "iptables -t nat -F \(chain?.dropFirst().split(separator: " ").first ?? "")"
                default: "nft delete element ip kube-proxy service-ips { 10.96.0.1 . tcp . 80 }"
                }
            try lab.runSuccessfully(["sh", "-c", command])
            #expect(throws: BenchFault.self) { try subject.check() }
            #expect(throws: BenchFault.self) { try node.check(0, leadsTo: [0, 1, 2], by: subject.name) }
        }
    }

    @Test func `what a tool complains of is told`() throws {
        let lab = try Lab()
        defer { lab.tearDown() }
        let library = try LibraryTool(
            Self.setting(lab),
            in: lab,
            program: try LabPrograms.path(of: "fairlead-bench")
        )
        for tool in [CommandTool(["nft", "-f", "-"], Self.setting(lab)), library] as [any TextTool] {
            let fault = #expect(throws: BenchFault.self) {
                try tool.apply("add chain ip nowhere chain1\n", watchesMemory: false)
            }
            #expect(fault?.description.contains("No such file or directory") == true)
        }
    }
}

extension KubeProxyIptablesLayout {
    /// All that the layout writes at first.
    fileprivate var text: String {
        var copy = self
        return copy.everything(isRestart: false)
    }
}
