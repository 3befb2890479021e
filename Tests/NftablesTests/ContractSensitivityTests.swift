import Nftables
import NftablesTestKit
import Testing

/// A store that does one thing wrong.
private final class FaultyStore: RulesetStore {
    enum Fault: String, CaseIterable, CustomTestStringConvertible {
        case ignoresTheExpectedGeneration
        case appliesPartByPart
        case tellsTheFirstFailureOnly
        case blamesNoElement
        case losesComments
        case losesRefusals
        case listsNoRules
        case hasMissingTables
        case hasMissingSets
        case standsStill
        case dividesNoLargeTransaction

        var testDescription: String { rawValue }
    }

    private let store = InMemoryRuleset()
    private let fault: Fault

    init(_ fault: Fault) { self.fault = fault }

    func generation() throws(RulesetError) -> UInt32 { fault == .standsStill ? 7 : try store.generation() }

    func apply(_ transaction: Transaction, expecting expected: UInt32?) throws(RulesetError) {
        do throws(RulesetError) {
            switch fault {
            case .ignoresTheExpectedGeneration:
                try store.apply(transaction)
            case .appliesPartByPart:
                for operation in transaction.operations { try store.apply(Transaction([operation])) }
            case .dividesNoLargeTransaction where transaction.elementCount > 10_000:
                throw .channel(step: "send", reason: .noBufferSpace)
            default:
                try store.apply(transaction, expecting: expected)
            }
        } catch {
            guard case .refused(let failures) = error else { throw error }
            switch fault {
            case .tellsTheFirstFailureOnly: throw .refused(Array(failures.prefix(1)))
            case .blamesNoElement:
                throw .refused(failures.map { OperationFailure(operation: $0.operation, reason: $0.reason) })
            case .losesRefusals: return
            default: throw error
            }
        }
    }

    func contents(of table: Table) throws(RulesetError) -> TableContents? {
        var contents = try store.contents(of: table)
        if fault == .listsNoRules, let chains = contents?.chains { contents?.chains = chains.mapValues { _ in 0 } }
        return contents ?? (fault == .hasMissingTables ? TableContents() : nil)
    }

    func elements(of set: SetDeclaration, in table: Table) throws(RulesetError) -> [Element] {
        if fault == .hasMissingSets, try store.contents(of: table)?.sets.contains(set) != true { return [] }
        let elements = try store.elements(of: set, in: table)
        return fault == .losesComments ? elements.map { Element($0.key, $0.value) } : elements
    }
}

@Suite struct ContractSensitivityTests {
    @Test(arguments: FaultyStore.Fault.allCases)
    private func `the contract notices a store that does one thing wrong`(_ fault: FaultyStore.Fault) {
        let broken = RulesetStoreContract.cases.filter { rule in
            do {
                try rule.check(FaultyStore(fault), .ip)
                return false
            } catch {
                return true
            }
        }
        #expect(!broken.isEmpty)
    }

    @Test func `a violation says what was expected and what happened`() throws {
        let rule = try #require(RulesetStoreContract.cases.first { $0.name.hasPrefix("deleting a missing table") })
        #expect(throws: ContractViolation.self) { try rule.check(FaultyStore(.losesRefusals), .ip) }
        do {
            try rule.check(FaultyStore(.losesRefusals), .ip)
        } catch let violation as ContractViolation {
            #expect(violation.description.contains("accepted, but should not have been"))
            #expect(violation.description.contains("contract-missing"))
        }
    }
}
