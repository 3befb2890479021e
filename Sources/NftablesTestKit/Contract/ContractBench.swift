internal import NetworkAddress
internal import Nftables

/// A store on the bench, with an empty table to work in.
struct ContractBench {
    let store: any RulesetStore
    let table: Table

    var family: AddressFamily { table.family.addressFamily }

    // MARK: - Addresses of the table's family

    /// The nth address of 10.96.0.0/12 or fd00:96::/64.
    func address(_ number: UInt32) -> IPAddress {
        family == .ipv4
            ? IPAddress(ipv4: 10 << 24 | 96 << 16 | number)
            : IPAddress(family: .ipv6, bits: 0xfd00_0096 << 96 | UInt128(number))
    }

    func port(_ number: Int) throws -> Port {
        guard let port = Port(number) else {
            throw ContractViolation(description: "the contract itself names port \(number)")
        }
        return port
    }

    // MARK: - Declarations that many cases use

    var addresses: SetDeclaration { SetDeclaration("cluster-ips", key: [.address(family)]) }

    var services: SetDeclaration {
        SetDeclaration("services", key: [.address(family), .transportProtocol, .port], content: .verdicts)
    }

    var endpoints: SetDeclaration {
        SetDeclaration(
            "endpoints",
            key: [.address(family), .transportProtocol, .port, .number],
            content: .fields([.address(family), .port])
        )
    }

    func tuple(_ number: UInt32) throws -> PackedFields { PackedFields(address(number), .tcp, try port(80)) }

    func endpoint(_ number: UInt32, port: Int = 8080) throws -> Element.Value {
        .fields(PackedFields(TransportAddress(address(number), try self.port(port))))
    }

    static let serviceFields: [Field] = [.destinationAddress, .transportProtocol, .destinationPort]

    static let endpointFields: [Field] = serviceFields + [.randomNumber(below: 2)]

    // MARK: - Doing

    /// Makes a table that is empty.
    func makeTable(_ table: Table) throws {
        var transaction = Transaction()
        if try store.contents(of: table) != nil { transaction.append(.deleteTable(table)) }
        transaction.append(.addTable(table))
        try store.apply(transaction)
    }

    func apply(_ operations: Operation...) throws { try store.apply(Transaction(operations)) }

    /// Applies a transaction, and returns what the store threw, or nil when it did not.
    func error(of transaction: Transaction, expecting generation: UInt32? = nil) -> RulesetError? {
        do throws(RulesetError) {
            try store.apply(transaction, expecting: generation)
            return nil
        } catch {
            return error
        }
    }

    /// What a refusal of one part should look like.
    struct Expected {
        let operation: Int
        let element: Int?
        /// More than one where it is up to the store, or to the kernel's version, what to complain about.
        let reasons: Set<KernelReason>

        init(_ operation: Int, element: Int? = nil, _ reasons: KernelReason...) {
            self.operation = operation
            self.element = element
            self.reasons = Set(reasons)
        }
    }

    /// Expects that exactly the given parts are refused, and that nothing has changed.
    func expectRefusal(_ operations: [Operation], _ expected: Expected..., because why: String = "") throws {
        let before = try state()
        let failures: [OperationFailure]
        switch error(of: Transaction(operations)) {
        case .refused(let refused)?: failures = refused
        case let other?: throw other
        case nil:
            throw ContractViolation(description: "accepted, but should not have been: \(operations.prefix(3)) \(why)")
        }
        let order = failures.sorted { ($0.operation ?? -1) < ($1.operation ?? -1) }
        let matches =
            order.count == expected.count
            && zip(order, expected).allSatisfy { failure, expected in
                failure.operation == expected.operation && failure.element == expected.element
                    && expected.reasons.contains(failure.reason)
            }
        guard matches else {
            let wanted = expected.map { part in
                "operation \(part.operation)" + (part.element.map { ", element \($0)" } ?? "") + ": "
                    + part.reasons.map(\.description).sorted().joined(separator: " or ")
            }
            throw ContractViolation(
                description: "expected the refusal of [\(wanted.joined(separator: "; "))], but it was "
                    + "[\(order.map(\.description).joined(separator: "; "))] \(why)"
            )
        }
        try expectEqual(state(), before, "the table after a refused transaction")
    }

    /// Expects that a set holds exactly these elements, comments included.
    func expectElements(_ set: SetDeclaration, _ expected: [Element]) throws {
        let found = try store.elements(of: set, in: table)
        try expectEqual(found.count, expected.count, "the number of elements of \(set.name)")
        let missing = Set(expected).subtracting(found)
        let surplus = Set(found).subtracting(expected)
        guard missing.isEmpty, surplus.isEmpty else {
            func list(_ elements: Set<Element>) -> String {
                elements.prefix(3).map { set.nftText(of: $0) }.joined(separator: ", ")
            }
            throw ContractViolation(
                description: "\(set.name) lacks [\(list(missing))] and has [\(list(surplus))] instead"
            )
        }
    }

    func contents() throws -> TableContents {
        guard let contents = try store.contents(of: table) else {
            throw ContractViolation(description: "table \(table) is missing")
        }
        return contents
    }

    func expectEqual<Value: Equatable>(_ found: Value, _ expected: Value, _ what: String) throws {
        guard found == expected else {
            throw ContractViolation(description: "\(what): expected \(expected), found \(found)")
        }
    }

    /// Everything of the table that a store can tell.
    private struct State: Equatable {
        var contents: TableContents?
        var elements: [SetDeclaration: Set<Element>] = [:]
        var generation: UInt32
    }

    private func state() throws -> State {
        var state = State(contents: try store.contents(of: table), generation: try store.generation())
        for set in state.contents?.sets ?? [] { state.elements[set] = Set(try store.elements(of: set, in: table)) }
        return state
    }
}
