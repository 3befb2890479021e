internal import LabKit
internal import LinuxSystem
internal import NetworkAddress

/// What is measured beside Fairlead.
enum SyncPeer: String, CaseIterable {
    case netlink
    case nft
    case nftChains = "nft-chains"
    case libnftables
    case iptables
    case iptablesNft = "iptables-nft"
    case iptablesLegacy = "iptables-legacy"

    /// Those that `--peers all` means: each way once.
    static let usual: [SyncPeer] = [.netlink, .nft, .libnftables, .iptablesNft, .iptablesLegacy]

    /// Makes the subject, on a thread in the node's namespace.
    func subject(_ cluster: SyntheticCluster, _ setting: ToolSetting, in lab: Lab) throws -> any SyncSubject {
        let nft = CommandTool(["nft", "-f", "-"], setting)
        return switch self {
        case .netlink: try FloorSubject(cluster)
        case .nft: try NftSubject(rawValue, cluster, .endpointMap, nft, setting, lists: true)
        case .nftChains: try NftSubject(rawValue, cluster, .endpointChains, nft, setting, lists: true)
        case .libnftables:
            try NftSubject(rawValue, cluster, .endpointMap, LibraryTool(setting, in: lab), setting, lists: false)
        case .iptables: try IptablesSubject(.usual, cluster, setting)
        case .iptablesNft: try IptablesSubject(.nft, cluster, setting)
        case .iptablesLegacy: try IptablesSubject(.legacy, cluster, setting)
        }
    }

    /// Why it cannot be measured here; nil when it can.
    func missing(in lab: Lab) throws -> String? {
        switch self {
        case .netlink: return nil
        case .libnftables:
            return NftablesLibrary.isInstalled
                ? nil : "there is no \(NftablesLibrary.name): install Debian's package libnftables1"
        case .nft, .nftChains: return try Self.missing("nft", of: "nftables", in: lab)
        case .iptables, .iptablesNft, .iptablesLegacy:
            if let reason = try Self.missing("\(rawValue)-restore", of: "iptables", in: lab) { return reason }
            // Not every kernel has both parts.
            let listing = try withNewNetworkNamespace { try lab.run([rawValue, "-t", "nat", "-S"]) }
            return listing.isSuccess ? nil : "'\(rawValue) -t nat -S' fails: \(listing.error.prefix(200))"
        }
    }

    private static func missing(_ program: String, of package: String, in lab: Lab) throws -> String? {
        try HTTPTools.has(program, in: lab) ? nil : "there is no \(program): install Debian's package \(package)"
    }

    /// What it says of its version; nil for what is part of this program or of the kernel.
    func version(in lab: Lab) throws -> String? {
        let command: [String]
        switch self {
        case .netlink: return nil
        // The library does not say; Debian builds both from one source.
        case .nft, .nftChains, .libnftables: command = ["nft", "--version"]
        case .iptables, .iptablesNft, .iptablesLegacy: command = ["\(rawValue)-restore", "--version"]
        }
        let result = try lab.run(command)
        return (result.output + result.error).split(separator: "\n").first.map(String.init)
    }
}
