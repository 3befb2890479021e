import NetworkAddress
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules

// Words in which the tests say what they program.

func ip(_ text: String) -> IPAddress {
    guard let address = IPAddress(parsing: text) else { preconditionFailure("no address: \(text)") }
    return address
}

func port(_ number: Int) -> Port {
    guard let port = Port(number) else { preconditionFailure("no port: \(number)") }
    return port
}

func prefix(_ text: String) -> IPPrefix {
    guard let prefix = IPPrefix(parsing: text) else { preconditionFailure("no range of addresses: \(text)") }
    return prefix
}

/// An endpoint at `10.244.1.2:8080` or `[fd00::2]:8080`.
func endpoint(_ text: String, _ locality: Locality = .remote) -> Endpoint {
    guard let destination = TransportAddress(parsing: text) else { preconditionFailure("no destination: \(text)") }
    return Endpoint(destination, locality: locality)
}

/// This many endpoints, all different.
func endpoints(_ count: Int, from first: Int = 1, _ locality: Locality = .remote) -> [Endpoint] {
    (first..<first + count).map { number in
        Endpoint(
            TransportAddress(IPAddress(ipv4: 10 << 24 | 244 << 16 | UInt32(number)), port(8080)),
            locality: locality
        )
    }
}

/// A front end at an address.
func clusterIP(
    _ address: String,
    _ number: Int = 80,
    _ transport: TransportProtocol = .tcp,
    name: String = "",
    masquerade: Masquerade = .offCluster,
    does action: FrontEndAction
) -> FrontEnd {
    FrontEnd(
        key: FrontEndKey(listener: .address(ip(address)), transport: transport, port: port(number)),
        portName: name,
        masquerade: masquerade,
        action: action
    )
}

/// A front end at the node's addresses of one family.
func nodePort(
    _ number: Int,
    _ family: AddressFamily = .ipv4,
    _ transport: TransportProtocol = .tcp,
    name: String = "",
    masquerade: Masquerade = .always,
    does action: FrontEndAction
) -> FrontEnd {
    FrontEnd(
        key: FrontEndKey(listener: .nodeAddresses(family), transport: transport, port: port(number)),
        portName: name,
        masquerade: masquerade,
        action: action
    )
}

func service(_ name: String, _ frontEnds: FrontEnd..., namespace: String = "default") -> ServiceSnapshot {
    ServiceSnapshot(service: ObjectName(namespace: namespace, name: name), frontEnds: frontEnds)
}

/// A data plane and the ruleset that it has programmed.
struct ProgrammedNode {
    let ruleset = InMemoryRuleset()
    var plane: DataPlane

    /// Programs the Services into an empty ruleset.
    init(_ snapshots: [ServiceSnapshot] = [], configuration: DataPlaneConfiguration = .init()) throws {
        plane = DataPlane(configuration: configuration)
        try rebuild(snapshots)
    }

    /// Writes everything again, over whatever the tables hold.
    mutating func rebuild(
        _ snapshots: [ServiceSnapshot] = [],
        configuration: DataPlaneConfiguration? = nil
    ) throws {
        var found: [Table: TableContents] = [:]
        for table in plane.tables { found[table] = try ruleset.contents(of: table) }
        let plan = plane.rebuild(replacing: found, changing: snapshots, configuration: configuration)
        try ruleset.apply(plan.transaction)
        plane.adopt(plan, configuration: configuration)
    }

    /// Programs what has changed, and returns the transaction that did.
    @discardableResult
    mutating func change(_ snapshots: [ServiceSnapshot]) throws -> Transaction {
        let plan = plane.plan(snapshots)
        try ruleset.apply(plan.transaction)
        plane.adopt(plan)
        return plan.transaction
    }

    @discardableResult
    mutating func change(_ snapshots: ServiceSnapshot...) throws -> Transaction { try change(snapshots) }

    /// What the tables hold.
    var snapshot: RulesetSnapshot { ruleset.snapshot }
}

extension Transaction {
    /// The operations as `endpoints -1` or `endpoints +2`: the set, and how many elements it loses or gains.
    var summary: [String] {
        operations.map { operation in
            switch operation {
            case .addElements(_, let set, let elements): "\(set) +\(elements.count)"
            case .deleteElements(_, let set, let elements): "\(set) -\(elements.count)"
            default: "\(operation)"
            }
        }
    }

    /// Every element that is deleted.
    var deletedElements: Set<PlacedElement> {
        Set(
            operations.flatMap { operation -> [PlacedElement] in
                guard case .deleteElements(let table, let set, let elements) = operation else { return [] }
                return elements.map { PlacedElement(table: table, set: set, element: $0) }
            }
        )
    }

    /// Every element that is added.
    var addedElements: Set<PlacedElement> {
        Set(
            operations.flatMap { operation -> [PlacedElement] in
                guard case .addElements(let table, let set, let elements) = operation else { return [] }
                return elements.map { PlacedElement(table: table, set: set, element: $0) }
            }
        )
    }
}

/// An element with the set that holds it.
struct PlacedElement: Hashable {
    let table: Table
    let set: String
    let element: Element
}

extension RulesetSnapshot {
    /// All elements of all sets.
    var elements: Set<PlacedElement> {
        Set(
            tables.flatMap { table, contents in
                contents.sets.flatMap { set, elements in
                    elements.map { PlacedElement(table: table, set: set.name, element: $0) }
                }
            }
        )
    }
}
