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

    /// Rules of the old xtables are in no nftables; the kernel lists their tables once a program has used them.
    private func tellOfLegacyTables() {
        for (list, prefix) in [("/proc/net/ip_tables_names", "iptables"), ("/proc/net/ip6_tables_names", "ip6tables")] {
            guard let tables = try? readFile(at: list), !tables.isEmpty else { continue }
            log.warning(
                "\(prefix)-legacy has tables here, which cannot be reached through nftables; if kube-proxy wrote them, run: "
                    + "\(prefix)-legacy-save | grep -v -e KUBE-SVC- -e KUBE-SEP- -e KUBE-SERVICES | less, and "
                    + "kube-proxy --cleanup"
            )
        }
    }

    private func tellOfVirtualServers() {
        guard (try? FileStatus(ofLinkAt: "/sys/class/net/kube-ipvs0")) != nil else { return }
        log.warning(
            "the interface kube-ipvs0 is there: kube-proxy ran in ipvs mode, whose virtual servers cannot be reached "
                + "through nftables; run: ipvsadm --clear && ip link delete kube-ipvs0"
        )
    }
}
