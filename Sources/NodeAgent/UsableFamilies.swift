internal import LinuxSystem
package import NetworkAddress
package import Nftables
package import Telemetry

/// Which families of addresses this network namespace can be programmed for.
package enum UsableFamilies {
    /// Finds them, and tells which is left out and why.
    ///
    /// IPv6 is left out where kube-proxy leaves it out: where the kernel has none, or it is disabled on every interface.
    /// A family that nf_tables does not know is left out, too; for that, a table is made and deleted in one transaction.
    ///
    /// - Throws: That no family is left.
    package static func find(in store: any RulesetStore, log: Logger) throws(NoUsableFamily) -> Set<AddressFamily> {
        var usable: Set<AddressFamily> = []
        for family in AddressFamily.allCases {
            guard let reason = reasonAgainst(family, store) else {
                usable.insert(family)
                continue
            }
            log.info("\(family) is left out: \(reason); what Services have of it is not programmed")
        }
        if usable.isEmpty { throw NoUsableFamily() }
        return usable
    }

    private static func reasonAgainst(_ family: AddressFamily, _ store: any RulesetStore) -> String? {
        if family == .ipv6 {
            if (try? FileStatus(ofFileAt: "/proc/net/if_inet6")) == nil { return "the kernel has no IPv6" }
            let isDisabled = try? readFile(at: "/proc/sys/net/ipv6/conf/all/disable_ipv6")
            if isDisabled?.first == "1" { return "net.ipv6.conf.all.disable_ipv6 is 1" }
        }
        let table = Table(TableFamily(family), probeName)
        do throws(RulesetError) {
            try store.apply(Transaction([.addTable(table), .deleteTable(table)]))
        } catch {
            if case .refused(let failures) = error, let reason = failures.first?.reason, reason.isMissingFamily {
                return "nf_tables has no tables of it, \(reason)"
            }
            // Whatever else is wrong is told by those who need more than a table.
        }
        return nil
    }

    /// A name of its own, so that no table of ours is touched.
    private static let probeName = "fairlead-probe"
}

/// Neither family can be programmed.
package struct NoUsableFamily: Error, CustomStringConvertible {
    package var description: String { "the kernel can program neither IPv4 nor IPv6; load nf_tables" }
}

extension KernelReason {
    /// Whether the kernel knows no such family (`EOPNOTSUPP`, `EAFNOSUPPORT`).
    fileprivate var isMissingFamily: Bool { self == .unsupported || rawValue == 97 }
}
