import CommandLineOptions
import LabKit
import Testing

@testable import fairlead_bench

/// What the commands refuse before they measure anything.
struct `The command line of sync and connect` {
    @Test(arguments: [
        ["--services", "0"], ["--services", "1000,many"], ["--endpoints", "65"], ["--peers", "ipvs"],
        ["--rounds", "3"], ["--peer-seconds", "0"], ["--cold-rounds", "0"], ["--json"], ["--unknown"],
    ])
    func `sync refuses what it does not know`(words: [String]) {
        #expect(throws: UsageError.self) { try SyncCommand.declaration.parse(words) }
    }

    @Test(arguments: [
        ["--services", "200001"], ["--peers", "netlink"], ["--peers", "libnftables"], ["--rounds", "0"],
        ["--connections", "99"], ["--seconds", "601"], ["--setup-seconds", "0"], ["--peer-seconds", "1"],
    ])
    func `connect refuses what it does not know`(words: [String]) {
        #expect(throws: UsageError.self) { try ConnectCommand.declaration.parse(words) }
    }

    private func peers(_ choices: [PeerChoice]) throws -> [SyncPeer] {
        try PeerChoice.peers(
            choices,
            usual: [.netlink],
            command: "fairlead-bench sync",
            in: try Lab(),
            RunReport("sync")
        )
    }

    @Test func `all, none and names each mean what they say`() throws {
        #expect(try peers([]) == [.netlink])
        #expect(try peers([.all]) == [.netlink])
        #expect(try peers([.none]) == [])
        #expect(try peers([.peer(.netlink)]) == [.netlink])
    }

    @Test(arguments: [[PeerChoice.all, .none], [.none, .peer(.nft)], [.peer(.nft), .all]])
    func `all and none stand alone`(choices: [PeerChoice]) {
        #expect(throws: UsageError.self) { try peers(choices) }
    }
}
