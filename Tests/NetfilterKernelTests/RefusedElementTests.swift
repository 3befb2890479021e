import LinuxSystem
import NetworkAddress
import Nftables
import Testing

@testable import NetfilterKernel

/// A list of elements longer than 64 KiB takes several messages; what the kernel says of one is told by its place in
/// the list.
@Suite(.needsNetworkNamespaces)
struct RefusedElementTests {
    private static let count = 20_000
    private static let elements = try? (0..<count).map { try Fixture.endpoint($0, to: $0) }

    /// The indices at which a new message begins.
    private func firstIndices() throws -> [Int] {
        var encoder = BatchEncoder()
        let elements = try #require(Self.elements)
        let operation = Operation.addElements(Fixture.table, set: Fixture.endpoints.name, elements)
        encoder.encode(Transaction([operation]), firstSequence: 1, generation: nil)
        return encoder.parts.map(\.firstElement)
    }

    /// The elements with another destination at some places; the kernel holds those places' own ones.
    private func refused(at indices: [Int]) throws -> [OperationFailure] {
        let elements = try #require(Self.elements)
        return try inNewNetworkNamespace {
            let store = try KernelRuleset()
            let held = try indices.map { try Fixture.endpoint($0, to: Self.count) }
            let set = Fixture.endpoints.name
            try store.apply(Transaction(Fixture.made + [.addElements(Fixture.table, set: set, held)]))
            let error = store.error(of: [
                .addElements(Fixture.table, set: Fixture.addresses.name, [Fixture.element(1)]),
                .addElements(Fixture.table, set: set, elements),
            ])
            #expect(try store.elements(of: Fixture.addresses, in: Fixture.table).isEmpty)
            expectSame(try store.elements(of: Fixture.endpoints, in: Fixture.table), held)
            return refusals(error)
        }
    }

    private func failure(_ element: Int) -> OperationFailure {
        OperationFailure(operation: 1, element: element, reason: .exists)
    }

    @Test func `the only bad element is told wherever it stands`() throws {
        let firsts = try firstIndices()
        try #require(firsts.count > 3)
        let middle = firsts[firsts.count / 2]
        let places = [0, 1, firsts[1] - 1, firsts[1], middle, middle + 7, firsts[2] - 1, Self.count - 1]
        for place in places {
            #expect(try refused(at: [place]) == [failure(place)])
        }
    }

    @Test func `one bad element of each message is told, the first of those in it`() throws {
        let firsts = try firstIndices()
        let bad = firsts.enumerated().flatMap { message, first in [first + message, first + message + 5] }
        let told = firsts.enumerated().map { message, first in failure(first + message) }
        #expect(try refused(at: bad) == told)
    }

    @Test func `a bad element is told when elements are deleted too`() throws {
        try inNewNetworkNamespace {
            let store = try KernelRuleset()
            let elements = Fixture.elements(0..<Self.count)
            let missing = 12_345
            var held = elements
            held.remove(at: missing)
            let set = Fixture.addresses.name
            try store.apply(Transaction(Fixture.made + [.addElements(Fixture.table, set: set, held)]))
            let error = store.error(of: [.deleteElements(Fixture.table, set: set, elements)])
            #expect(refusals(error) == [.init(operation: 0, element: missing, reason: .notFound)])
            #expect(try store.elements(of: Fixture.addresses, in: Fixture.table).count == Self.count - 1)
        }
    }

    @Test func `what is refused before it is encoded is told together`() throws {
        try inNewNetworkNamespace {
            let store = try KernelRuleset()
            let tooLong = String(repeating: "n", count: 256)
            let error = store.error(of: [
                .addTable(Fixture.table),
                .addTable(Table(.ip, String(repeating: "t", count: 1_000_000))),
                .addChain(Fixture.table, Chain("a\0b")),
                .addElements(
                    Fixture.table,
                    set: Fixture.services.name,
                    [Fixture.element(1), Element(Fixture.element(2).key, .verdict(.goto(tooLong)))]
                ),
                .addRule(Fixture.table, chain: "c", Rule([.verdict(.jump(tooLong))])),
                .addRule(Fixture.table, chain: "c", Rule([Statement](repeating: .masquerade, count: 200))),
            ])
            #expect(
                refusals(error) == [
                    .init(operation: 1, reason: .outOfRange), .init(operation: 2, reason: .outOfRange),
                    .init(operation: 3, element: 1, reason: .invalid), .init(operation: 4, reason: .invalid),
                    .init(operation: 5, reason: .invalid),
                ]
            )
            #expect(try store.contents(of: Fixture.table) == nil)
            #expect(refusals(listingError(of: Table(.ip, tooLong), store)).map(\.reason) == [.outOfRange])
        }
    }

    private func listingError(of table: Table, _ store: KernelRuleset) -> RulesetError? {
        do throws(RulesetError) {
            _ = try store.contents(of: table)
            return nil
        } catch {
            return error
        }
    }
}
