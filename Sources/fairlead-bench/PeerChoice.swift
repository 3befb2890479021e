internal import CommandLineOptions
internal import LabKit

/// A word of `--peers`.
enum PeerChoice: Hashable {
    case all
    case none
    case peer(SyncPeer)

    /// Reads a word.
    ///
    /// - Parameters:
    ///   - text: The word.
    ///   - peers: What may be named.
    init?(_ text: String, among peers: [SyncPeer]) {
        switch text {
        case "all": self = .all
        case "none": self = .none
        default:
            guard let peer = SyncPeer(rawValue: text), peers.contains(peer) else { return nil }
            self = .peer(peer)
        }
    }

    /// The option of a command.
    ///
    /// - Parameters:
    ///   - usual: What `all` means, as far as it is installed.
    ///   - peers: What may be named.
    /// - Returns: The option.
    static func option(usual: [SyncPeer], among peers: [SyncPeer]) -> CommandOption<PeerChoice> {
        CommandOption<PeerChoice>.list(
            "peers",
            "LIST",
            "What is measured beside Fairlead: none, some of \(words(peers)), or all, which is \(words(usual)) as far as "
                + "installed; all by default.",
            expecting: "all, none or names of peers"
        ) { PeerChoice($0, among: peers) }
    }

    private static func words(_ peers: [SyncPeer]) -> String { peers.map(\.rawValue).joined(separator: ", ") }

    /// Returns the peers that are wanted and there.
    ///
    /// - Parameters:
    ///   - choices: The words of the command line; empty when there were none.
    ///   - usual: What `all` means.
    ///   - command: The name of the command, for complaints.
    ///   - lab: Where programs are looked for.
    ///   - report: Takes note of what is not there.
    /// - Returns: The peers, as they were named.
    /// - Throws: `UsageError` for words that contradict each other, `BenchFault` for a peer that was named and is not there.
    static func peers(
        _ choices: [PeerChoice],
        usual: [SyncPeer],
        command: String,
        in lab: Lab,
        _ report: RunReport
    ) throws -> [SyncPeer] {
        guard choices.count <= 1 || choices.allSatisfy({ $0 != .all && $0 != .none }) else {
            throw UsageError(message: "--peers takes all or none alone, or names", command: command)
        }
        var peers: [SyncPeer] = []
        for choice in choices.isEmpty ? [.all] : choices {
            switch choice {
            case .none: continue
            case .peer(let peer):
                if let reason = try peer.missing(in: lab) { throw BenchFault("\(peer.rawValue): \(reason)") }
                peers.append(peer)
            case .all:
                for peer in usual {
                    if let reason = try peer.missing(in: lab) {
                        report.leaveOut(peer.rawValue, reason)
                    } else {
                        peers.append(peer)
                    }
                }
            }
        }
        return peers
    }
}
