import LabKit
import LinuxSystem
import Nftables
import NftablesTestKit
import Testing

@testable import NetfilterKernel

/// The contract that the twin in memory keeps too, on the real kernel.
@Suite(.enabled(if: Lab.isAvailable, "\(Lab.unavailableReason ?? "")"))
struct KernelContractTests {
    @Test(arguments: RulesetStoreContract.cases, TableFamily.allCases)
    func `the kernel keeps the contract`(_ contractCase: RulesetStoreContract.Case, _ family: TableFamily) throws {
        try withNewNetworkNamespace {
            try contractCase.check(try KernelRuleset(), family)
        }
    }

    @Test(arguments: RulesetStoreContract.cases, TableFamily.allCases)
    func `the kernel keeps the contract while nobody listens to what is changed`(
        _ contractCase: RulesetStoreContract.Case,
        _ family: TableFamily
    ) throws {
        try inNewNetworkNamespace {
            let store = try KernelRuleset()
            let monitor = try RulesetMonitor(ignoringChangesBy: store.portID)
            try contractCase.check(WatchedRuleset(store, monitor: monitor, quietElementsMin: 0), family)
            #expect(try monitor.read(aboutTablesNamed: "contract") == RulesetNews())
        }
    }
}
