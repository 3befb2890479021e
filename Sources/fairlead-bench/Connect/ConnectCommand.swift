internal import CommandLineOptions
internal import LabKit
internal import LinuxSystem
internal import NetworkAddress

/// `fairlead-bench connect`: what the rules of a node add to a new connection.
enum ConnectCommand {
    /// The peers whose rules packets can pass; others bring the same rules to the kernel.
    static let peers: [SyncPeer] = [.nft, .nftChains, .iptables, .iptablesNft, .iptablesLegacy]
    /// Those that `--peers all` means.
    static let usualPeers: [SyncPeer] = [.nft, .iptablesNft, .iptablesLegacy]

    private static let services = CommandOption<Int>.list(
        "services",
        "N",
        "The numbers of Services to measure at; 1000,10000 by default.",
        expecting: "numbers from 1 to 200000"
    ) { Int($0).flatMap { (1...200_000).contains($0) ? $0 : nil } }
    private static let endpoints = CommandOption(
        "endpoints",
        "M",
        "How many endpoints each Service has; 4 by default.",
        in: 1...64
    )
    private static let peerList = PeerChoice.option(usual: usualPeers, among: peers)
    private static let rounds = CommandOption("rounds", "R", "How many rounds count; 8 by default.", in: 1...1000)
    private static let connections = CommandOption(
        "connections",
        "N",
        "How many connections a round has; 4000 by default.",
        in: 100...1_000_000
    )
    private static let seconds = CommandOption(
        "seconds",
        "S",
        "How long a round takes at most; 5 by default.",
        in: 1...600
    )
    private static let setupSeconds = CommandOption(
        "setup-seconds",
        "S",
        "How long a peer may take to bring the cluster to the kernel; 600 by default.",
        in: 1...7200
    )
    private static let ipv6 = CommandFlag("ipv6", "Measure IPv6 in place of IPv4.")
    private static let json = CommandOption("json", "FILE", "Write the results there, as JSON.")

    static let declaration = Command(
        "fairlead-bench connect",
        "Measures new TCP connections from a client through a node to pods, in network namespaces of its own: without "
            + "rules, with connection tracking alone, and through the rules of Fairlead and others. Needs root.",
        options: [services, endpoints, peerList, rounds, connections, seconds, setupSeconds, ipv6, json]
    )

    static func run(_ arguments: Arguments) throws {
        if let reason = Lab.unavailableReason { throw BenchFault(reason) }
        let interruption = try Interruption()
        let report = RunReport("connect", to: arguments[json])
        let lab = try Lab(in: "/dev/shm")
        defer { lab.tearDown() }
        let peers = try PeerChoice.peers(
            arguments.all(peerList),
            usual: usualPeers,
            command: declaration.name,
            in: lab,
            report
        )
        defer { report.clear() }
        try report.start(
            versions: peers.compactMap { peer in try peer.version(in: lab).map { (peer.rawValue, $0) } }
        )
        var options = ConnectBench.Options(check: interruption.check)
        options.rounds = arguments[rounds] ?? 8
        options.connections = arguments[connections] ?? 4000
        options.roundTime = .seconds(arguments[seconds] ?? 5)
        for size in arguments.gives(services) ? arguments.all(services) : [1000, 10_000] {
            let cluster = SyntheticCluster(
                services: size,
                endpoints: arguments[endpoints] ?? 4,
                family: arguments[ipv6] ? .ipv6 : .ipv4
            )
            let lab = try Lab(in: "/dev/shm")
            defer { lab.tearDown() }
            let setting = ToolSetting(
                directory: lab.directory,
                timeout: .seconds(arguments[setupSeconds] ?? 600),
                check: interruption.check
            )
            report.show("bringing \(size) Services to each node")
            let subjects = try subjects(cluster, peers, setting, in: lab, report)
            report.show("connecting at \(size) Services, \(options.rounds) rounds")
            try ConnectBench(cluster: cluster, options: options).run(subjects) { report.add($0, cpu: $1) }
            try report.save()
        }
        try report.finish()
    }

    private static func subjects(
        _ cluster: SyntheticCluster,
        _ peers: [SyncPeer],
        _ setting: ToolSetting,
        in lab: Lab,
        _ report: RunReport
    ) throws -> [ConnectSubject] {
        var subjects = [try ConnectSubject.direct(cluster, tracks: false, in: lab)]
        if let reason = try SyncPeer.nft.missing(in: lab) {
            report.leaveOut("conntrack", reason)
        } else {
            subjects.append(try ConnectSubject.direct(cluster, tracks: true, in: lab))
        }
        subjects += try ConnectSubject.services("fairlead", at: [], cluster, in: lab) { try FairleadSubject(cluster) }
        for peer in peers {
            do {
                subjects += try ConnectSubject.services(
                    peer.rawValue,
                    at: peer.searchesList ? ConnectSubject.Place.allCases : [],
                    cluster,
                    in: lab
                ) { try peer.subject(cluster, setting, in: lab) }
            } catch LabError.timedOut(let command, let time, _) {
                let words = command.joined(separator: " ")
                report.leaveOut(peer.rawValue, services: cluster.services, "'\(words)' did not end within \(time)")
            }
        }
        for subject in subjects where subject.tracks {
            // What was reset is forgotten soon, or the table of connections would fill.
            try lab.set(["net/netfilter/nf_conntrack_tcp_timeout_close": "1"], in: subject.lab.node)
        }
        return subjects
    }
}

extension SyncPeer {
    /// Whether the kernel looks for a Service from the beginning of a list.
    var searchesList: Bool {
        switch self {
        case .iptables, .iptablesNft, .iptablesLegacy: true
        case .netlink, .nft, .nftChains, .libnftables: false
        }
    }
}
