internal import CommandLineOptions
internal import LabKit
internal import LinuxSystem
internal import NetworkAddress

/// `fairlead-bench sync`: from a decoded change to the kernel's acknowledgement, and to the first packet.
enum SyncCommand {
    private static let services = CommandOption<Int>.list(
        "services",
        "N",
        "The numbers of Services to measure at; 10000 by default.",
        expecting: "numbers from 1 to 200000"
    ) { Int($0).flatMap { (1...200_000).contains($0) ? $0 : nil } }
    private static let endpoints = CommandOption(
        "endpoints",
        "M",
        "How many endpoints each Service has; 4 by default.",
        in: 1...64
    )
    private static let peers = PeerChoice.option(usual: SyncPeer.usual, among: SyncPeer.allCases)
    private static let rounds = CommandOption(
        "rounds",
        "R",
        "How many times each small change is measured; 1000 by default.",
        in: 4...1_000_000
    )
    private static let peerSeconds = CommandOption(
        "peer-seconds",
        "S",
        "How long a peer may take for each case; a single step of it may take ten times as long. 20 by default.",
        in: 1...3600
    )
    private static let coldRounds = CommandOption(
        "cold-rounds",
        "R",
        "How many times everything is programmed from nothing, and over what is there; 3 by default.",
        in: 1...1000
    )
    private static let ipv6 = CommandFlag("ipv6", "Measure IPv6 in place of IPv4.")
    private static let json = CommandOption("json", "FILE", "Write the results there, as JSON.")

    static let declaration = Command(
        "fairlead-bench sync",
        "Measures how long it takes from a decoded change to the kernel's acknowledgement and to the first connection "
            + "that takes the new way, beside the ways of others, in network namespaces of its own. Needs root.",
        options: [services, endpoints, peers, rounds, peerSeconds, coldRounds, ipv6, json]
    )

    static func run(_ arguments: Arguments) throws {
        if let reason = Lab.unavailableReason { throw BenchFault(reason) }
        let interruption = try Interruption()
        let report = RunReport("sync", to: arguments[json])
        // In memory, so that reading rules costs no disk.
        let lab = try Lab(in: "/dev/shm")
        defer { lab.tearDown() }
        let peers = try PeerChoice.peers(
            arguments.all(Self.peers),
            usual: SyncPeer.usual,
            command: declaration.name,
            in: lab,
            report
        )
        defer { report.clear() }
        try report.start(
            versions: peers.compactMap { peer in try peer.version(in: lab).map { (peer.rawValue, $0) } }
        )
        var options = SyncBench.Options(check: interruption.check)
        options.rounds = arguments[rounds] ?? 1000
        options.coldRounds = arguments[coldRounds] ?? 3
        let seconds = arguments[peerSeconds] ?? 20
        for size in arguments.gives(services) ? arguments.all(services) : [10_000] {
            let cluster = SyntheticCluster(
                services: size,
                endpoints: arguments[endpoints] ?? 4,
                family: arguments[ipv6] ? .ipv6 : .ipv4
            )
            try measure(cluster, options, report, "fairlead") { _ in try FairleadSubject(cluster) }
            options.caseTime = .seconds(seconds)
            for peer in peers {
                try measure(cluster, options, report, peer.rawValue) { lab in
                    let setting = ToolSetting(
                        directory: lab.directory,
                        timeout: .seconds(seconds * 10),
                        check: interruption.check
                    )
                    return try peer.subject(cluster, setting, in: lab)
                }
            }
            options.caseTime = nil
        }
        try report.finish()
    }

    /// Measures one subject in namespaces of its own; one that is too slow is left out.
    private static func measure(
        _ cluster: SyntheticCluster,
        _ options: SyncBench.Options,
        _ report: RunReport,
        _ name: String,
        _ subject: (Lab) throws -> any SyncSubject
    ) throws {
        let lab = try Lab(in: "/dev/shm")
        defer { lab.tearDown() }
        let node = try NodeLab(cluster, "sync", in: lab)
        var options = options
        options.progress = { report.show("\(name) at \(cluster.services) Services: \($0)") }
        do {
            try node.inNode {
                let subject = try subject(lab)
                defer { subject.stop() }
                try SyncBench(subject, in: node, options, report.add).run()
            }
        } catch LabError.timedOut(let command, let time, _) {
            let words = command.joined(separator: " ")
            report.leaveOut(name, services: cluster.services, "'\(words)' did not end within \(time)")
        }
        try report.save()
    }
}
