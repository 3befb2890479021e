import LabKit
import LinuxSystem
import NetfilterKernel
import Nftables
import NftablesTestKit
import Testing

/// The contract that the twin in memory keeps too, on the real kernel.
@Suite(.enabled(if: Lab.isAvailable, "\(Lab.unavailableReason ?? "")"))
struct KernelContractTests {
    @Test(arguments: RulesetStoreContract.cases, TableFamily.allCases)
    func `the kernel keeps the contract`(_ contractCase: RulesetStoreContract.Case, _ family: TableFamily) throws {
        try withNewNetworkNamespace {
            try contractCase.check(try KernelRuleset(), family)
        }
    }
}
