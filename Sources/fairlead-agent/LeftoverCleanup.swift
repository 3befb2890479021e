internal import LinuxSystem
internal import NetfilterKernel
internal import Telemetry

/// `--cleanup=kube-proxy`: takes away what kube-proxy programmed, once Fairlead serves in its place.
///
/// Fairlead's own tables stay, so that no connection notices.
struct LeftoverCleanup {
    let log: Logger

    /// Removes everything that can be reached, in one transaction, and tells what cannot.
    func run() throws {
        let report = try KernelRuleset().removeProxyLeftovers()
        log.info(
            "removed what kube-proxy left",
            [
                "tables": .integer(report.tables.count), "chains": .integer(report.chains.count),
                "rules": .integer(report.jumps),
            ]
        )
        for chain in report.kept {
            log.warning("\(chain) stays, and what it leads to: a chain that is not kube-proxy's jumps to it")
        }
        tellOfLegacyTables()
        tellOfVirtualServers()
    }

    /// Tells of rules of the old xtables, which are in no nftables.
    ///
    /// The kernel lists the tables once a program has used them; whose rules they hold it does not tell.
    private func tellOfLegacyTables() {
        for (list, program) in [("ip_tables_names", "iptables"), ("ip6_tables_names", "ip6tables")] {
            guard let tables = try? readFile(at: "/proc/net/\(list)"), !tables.isEmpty else { continue }
            log.warning(
                "there are tables of \(program)-legacy, out of reach of nftables; to remove kube-proxy's rules from "
                    + "them, run: \(program)-legacy-save | grep -vE '(^:|^-A |-[jg] )KUBE-(\(Self.legacyNames))' | "
                    + "\(program)-legacy-restore"
            )
        }
    }

    /// How names of kube-proxy's chains go on after `KUBE-`, and no others'.
    private static let legacyNames =
        "SERVICES|EXTERNAL-SERVICES|NODEPORTS|POSTROUTING|MARK-|FORWARD|PROXY-|LOAD-BALANCER|NODE-PORT|SVC-|SVL-|SEP-|EXT-|FW-"

    private func tellOfVirtualServers() {
        guard (try? FileStatus(ofLinkAt: "/sys/class/net/kube-ipvs0")) != nil else { return }
        log.warning(
            "the interface kube-ipvs0 is there: kube-proxy ran in ipvs mode, whose virtual servers cannot be reached "
                + "through nftables; run: ipvsadm --clear && ip link delete kube-ipvs0"
        )
    }
}
