import LinuxSystem
import NetfilterKernel
import Nftables
import Testing

/// Only a process with CAP_NET_ADMIN may see or change the ruleset.
@Suite(.needsNetworkNamespaces)
struct CapabilityTests {
    private static let words =
        "nftables refused access (EPERM): CAP_NET_ADMIN is needed in this network namespace; run as root, or give "
        + "the container securityContext.capabilities.add: [NET_ADMIN]"

    private func expectNotPermitted(_ body: () throws -> Void) {
        let error = #expect(throws: RulesetError.self, performing: body)
        #expect(error == .notPermitted)
        #expect(error?.description == Self.words)
    }

    @Test func `a store cannot be opened`() throws {
        try inNewNetworkNamespace {
            try withoutNetworkAdministration { expectNotPermitted { _ = try KernelRuleset() } }
        }
    }

    @Test func `a monitor cannot be opened`() throws {
        try inNewNetworkNamespace {
            try withoutNetworkAdministration { expectNotPermitted { _ = try RulesetMonitor(ignoringChangesBy: 0) } }
        }
    }

    @Test func `a store that was opened before is of no use, and works again with the capability`() throws {
        try inNewNetworkNamespace {
            let store = try KernelRuleset()
            try store.apply(Transaction(Fixture.made))
            try withoutNetworkAdministration {
                expectNotPermitted { try store.apply(Transaction([.deleteTable(Fixture.table)])) }
                expectNotPermitted { _ = try store.generation() }
                expectNotPermitted { _ = try store.contents(of: Fixture.table) }
                expectNotPermitted { _ = try store.elements(of: Fixture.addresses, in: Fixture.table) }
            }
            #expect(try store.contents(of: Fixture.table)?.sets == [Fixture.addresses, Fixture.endpoints])
        }
    }
}
