import LabKit
import Testing

/// The command line and the configuration file together, as the program reads them.
struct `Configuration of the agent` {
    private let lab: Lab

    init() throws { lab = try Lab() }

    private func agent(_ arguments: String...) throws -> CommandResult {
        try lab.run([LabPrograms.path(of: "fairlead-agent")] + arguments)
    }

    /// The lines of the configuration that the agent would go by.
    private func effective(_ arguments: String...) throws -> (lines: [String], log: String) {
        let path = "\(lab.directory)/effective.yaml"
        let result = try lab.run(
            [LabPrograms.path(of: "fairlead-agent")] + arguments + ["--write-config-to", path]
        )
        try #require(result.isSuccess, "\(result.error)")
        let text = try lab.runSuccessfully(["cat", path])
        return (text.split(separator: "\n").map(String.init), result.error)
    }

    private static let head = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"

    @Test func `options stand for fields`() throws {
        let (lines, log) = try effective(
            "--bind-address",
            "fd00::1",
            "--cluster-cidr",
            "10.244.0.0/16,fd00:10::/48",
            "--proxy-mode=nftables",
            "--detect-local-mode",
            "BridgeInterface",
            "--pod-bridge-interface",
            "cbr0",
            "--pod-interface-name-prefix",
            "veth",
            "--feature-gates",
            "A=true,B=false",
            "--healthz-bind-address",
            "10.0.0.1",
            "--metrics-bind-address",
            "[::]:9",
            "--masquerade-all",
            "--profiling",
            "--oom-score-adj",
            "-5",
            "--hostname-override",
            " Node-1 "
        )
        for line in [
            "bindAddress: fd00::1", "clusterCIDR: \"10.244.0.0/16,fd00:10::/48\"", "mode: nftables",
            "detectLocalMode: BridgeInterface", "  bridgeInterface: cbr0", "  interfaceNamePrefix: veth", "  A: true",
            "  B: false", "healthzBindAddress: 10.0.0.1:10256", "metricsBindAddress: \"[::]:9\"",
            "  masqueradeAll: true", "enableProfiling: true", "oomScoreAdj: -5", "hostnameOverride: node-1",
            "- primary",
        ] {
            #expect(lines.contains(line), "\(line) is missing in \(lines)")
        }
        #expect(log.contains("feature gate A=true, feature gate B=false"), "\(log)")
    }

    @Test func `a configuration file comes before options, but not before the name of the node and logging`() throws {
        let file = try lab.write(
            Self.head + "clusterCIDR: 10.1.0.0/16\nhostnameOverride: From-File\nlogging: {format: text}\n",
            to: "config.yaml"
        )
        let (lines, log) = try effective(
            "--config",
            file,
            "--cluster-cidr",
            "10.2.0.0/16",
            "--masquerade-all",
            "--hostname-override",
            "Flag",
            "--logging-format",
            "json",
            "-v",
            "4"
        )
        #expect(lines.contains("clusterCIDR: 10.1.0.0/16"))
        #expect(lines.contains("hostnameOverride: flag"))
        #expect(lines.contains("  verbosity: 4"))
        #expect(!lines.contains("  masqueradeAll: true"))
        #expect(log.hasPrefix("{"))
        #expect(log.contains("ignored because --config comes first: --cluster-cidr, --masquerade-all"), "\(log)")
        #expect(try effective("--config", file).lines.contains("hostnameOverride: from-file"))
    }

    @Test func `connection tracking is left alone without a file, but for what options say`() throws {
        let (none, _) = try effective()
        #expect(none.contains("  maxPerCore: 0"))
        #expect(none.contains("  tcpEstablishedTimeout: 0s"))
        let (some, _) = try effective("--conntrack-min", "7", "--conntrack-udp-timeout", "1m")
        #expect(some.contains("  maxPerCore: 32768"))
        #expect(some.contains("  min: 7"))
        #expect(some.contains("  udpTimeout: 1m0s"))
        #expect(some.contains("  tcpEstablishedTimeout: 0s"))
        let file = try lab.write(Self.head, to: "config.yaml")
        let (all, _) = try effective("--config", file)
        #expect(all.contains("  maxPerCore: 32768"))
        #expect(all.contains("  tcpEstablishedTimeout: 24h0m0s"))
    }

    @Test func `what is passed over is told`() throws {
        let file = try lab.write(
            Self.head + "typo: 1\nmode: iptables\nmode: ipvs\nipvs: {scheduler: lc}\n",
            to: "c.yaml"
        )
        let (_, log) = try effective("--config", file)
        #expect(log.contains("unknown field \"typo\"; it is passed over"), "\(log)")
        #expect(log.contains("the key \"mode\" stands twice"), "\(log)")
        #expect(log.contains("fairlead-agent programs nftables"), "\(log)")
        #expect(log.contains("without effect here: ipvs"), "\(log)")
        let (_, ignored) = try effective("--ipvs-scheduler", "rr", "--iptables-localhost-nodeports", "--vmodule=9")
        #expect(
            ignored.contains("without effect here: --ipvs-scheduler, --vmodule, --iptables-localhost-nodeports"),
            "\(ignored)"
        )
    }

    @Test func `Fairlead's own options come before its block of the file`() throws {
        let file = try lab.write(
            Self.head + "fairlead: {servicesWithMetricsMax: 3, sourceRangesFailOpen: true}\nenableProfiling: true\n",
            to: "config.yaml"
        )
        let (lines, log) = try effective(
            "--config",
            file,
            "--services-with-metrics-max=7",
            "--priority-services",
            "a/b,c=d",
            "--service-cidrs",
            "10.96.0.0/12"
        )
        for line in [
            "  servicesWithMetricsMax: 7", "  sourceRangesFailOpen: true", "  - a/b", "  - c=d",
            "  - 10.96.0.0/12",
        ] {
            #expect(lines.contains { $0.filter { $0 != "\"" } == line }, "\(line) is missing in \(lines)")
        }
        #expect(log.contains("without effect here: enableProfiling"), "\(log)")
        #expect(!log.contains("ignored because"), "\(log)")
    }

    @Test func `a file with wrong values ends the program, with a line for each`() throws {
        let file = try lab.write(Self.head + "oomScoreAdj: 5000\nbindAddress: x\n", to: "config.yaml")
        let result = try agent("--config", file, "--manifests", lab.directory)
        #expect(result.status == 1)
        #expect(result.error.contains("\(file): KubeProxyConfiguration.KubeProxyLinuxConfiguration.OOMScoreAdj"))
        #expect(result.error.contains("\(file): KubeProxyConfiguration.BindAddress"))
        let wrong = try lab.write(Self.head + "conntrack: {min: x}\n", to: "wrong.yaml")
        #expect(try agent("--config", wrong).error.contains("\(wrong): field conntrack.min: "))
    }

    @Test func `Fairlead's block can name the manifests`() throws {
        let manifests = try lab.makeDirectory("manifests")
        let file = try lab.write(
            Self.head + "clusterCIDR: 10.244.0.0/16\nfairlead: {manifests: \"\(manifests)\"}\n",
            to: "config.yaml"
        )
        let result = try agent("--config", file, "--dry-run")
        #expect(result.isSuccess, "\(result.error)")
        #expect(result.output.contains("table ip fairlead"))
        #expect(result.output.contains("10.244.0.0/16"))
    }

    @Test(arguments: [
        (["--kubeconfig", "x", "--manifests", "."], "--manifests and --kubeconfig exclude each other"),
        (["--master", "http://x", "--manifests", "."], "--manifests and --master exclude each other"),
        (["--master", "tcp://x"], "an address such as https://10.0.0.1:6443"),
        ([], "--kubeconfig FILE for an API server; this is no pod"),
        ([], "give --manifests DIR"),
        (["--once", "--init-only"], "exclude each other"),
        (["--cleanup", "--write-config-to", "/dev/null"], "exclude each other"),
        (["--cleanup=everything"], "expected true, false or kube-proxy"),
        (["--cleanup=fairlead"], "expected true, false or kube-proxy"),
        (["--oom-score-adj", "2000", "--manifests", "."], "OOMScoreAdj"),
        (["--detect-local-mode", "BridgeInterface", "--manifests", "."], "detectLocal.bridgeInterface"),
        (["--conntrack-udp-timeout", "30"], "a duration such as 30s"),
        (
            ["--cluster-cidr", "10.0.0.0/8,11.0.0.0/8", "--manifests", "."],
            "--cluster-cidr has more than one IPv4 range"
        ),
        (["--nodeport-addresses", "primary,10.0.0.0/8", "--manifests", "."], "or \"primary\" alone"),
        (["--hostname-override", "  "], "a name that is not blank"),
        (["--priority-services", "kube-dns"], "a Service such as kube-system/kube-dns"),
        (["--service-cidrs", "10.96.0.1"], "a range such as 10.96.0.0/12"),
    ])
    func `a command line that cannot be obeyed is refused with 2`(arguments: [String], message: String) throws {
        let result = try lab.run([LabPrograms.path(of: "fairlead-agent")] + arguments)
        #expect(result.status == 2, "\(result.error)")
        #expect(result.error.contains(message), "\(result.error)")
    }
}

/// What is done to the host, in a network namespace, where the limit of connection tracking can only be read.
@Suite(.enabled(if: Lab.isAvailable, "\(Lab.unavailableReason ?? "")"))
struct `Preparation of the host` {
    @Test func `parameters of connection tracking are set, and set again without a change`() throws {
        let lab = try Lab()
        let node = try lab.makeNamespace("node")
        let command = [
            try LabPrograms.path(of: "fairlead-agent"), "--init-only", "--conntrack-tcp-timeout-established", "1h1s",
            "--conntrack-tcp-timeout-close-wait", "90s", "--conntrack-tcp-be-liberal", "--conntrack-udp-timeout", "31s",
            "--conntrack-udp-timeout-stream", "121s",
        ]
        let first = try lab.run(command, in: node)
        #expect(first.isSuccess, "\(first.error)")
        #expect(first.error.contains("set a parameter of the kernel"))
        for (name, value) in [
            ("nf_conntrack_tcp_timeout_established", "3601"), ("nf_conntrack_tcp_timeout_close_wait", "90"),
            ("nf_conntrack_tcp_be_liberal", "1"), ("nf_conntrack_udp_timeout", "31"),
            ("nf_conntrack_udp_timeout_stream", "121"),
        ] {
            let text = try lab.runSuccessfully(["cat", "/proc/sys/net/netfilter/\(name)"], in: node)
            #expect(text == "\(value)\n", "\(name)")
        }
        let second = try lab.run(command, in: node)
        #expect(second.isSuccess)
        #expect(!second.error.contains("set a parameter of the kernel"))
    }

    @Test func `a limit that can only be read ends the program, and the line says what to do`() throws {
        let lab = try Lab()
        let node = try lab.makeNamespace("node")
        let result = try lab.run(
            [
                LabPrograms.path(of: "fairlead-agent"), "--init-only", "--conntrack-min", "123457",
                "--conntrack-max-per-core", "1",
            ],
            in: node
        )
        #expect(result.status == 1)
        #expect(result.error.contains("/proc/sys/net/netfilter/nf_conntrack_max cannot be set to 123457, it stays "))
        #expect(result.error.contains("set conntrack.maxPerCore to 0"))
    }
}
