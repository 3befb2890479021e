import NetworkAddress
import NodeAgent
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules

// Words in which the tests say what they commit.

func ip(_ text: String) -> IPAddress {
    guard let address = IPAddress(parsing: text) else { preconditionFailure("no address: \(text)") }
    return address
}

func port(_ number: Int) -> Port {
    guard let port = Port(number) else { preconditionFailure("no port: \(number)") }
    return port
}

func name(_ service: String) -> ObjectName { ObjectName(namespace: "default", name: service) }

/// A Service at cluster IP `10.96.0.<number>`, port 80, with endpoints `10.244.<number>.1…`; none makes it refuse.
func service(_ service: String, _ number: UInt8, endpoints count: UInt8 = 2) -> ServiceSnapshot {
    let endpoints = (0..<count).map { index in
        Endpoint(TransportAddress(IPAddress(10, 244, number, index + 1), port(8080)), locality: .remote)
    }
    let frontEnd = FrontEnd(
        key: FrontEndKey(listener: .address(IPAddress(10, 96, 0, number)), transport: .tcp, port: port(80)),
        portName: "",
        masquerade: .offCluster,
        action: endpoints.isEmpty ? .refuse : .forward(endpoints)
    )
    return ServiceSnapshot(service: name(service), frontEnds: [frontEnd])
}

/// A Service that is gone.
func gone(_ service: String) -> ServiceSnapshot { ServiceSnapshot(service: name(service), frontEnds: []) }

/// A committer over a ruleset in memory.
struct CommitBench {
    static let table = Table(.ip, "fairlead")

    let ruleset = InMemoryRuleset()
    let committer: RulesetCommitter

    /// Programs the Services, and forgets the transactions that did.
    init(_ snapshots: ServiceSnapshot..., configuration: DataPlaneConfiguration = .init()) throws {
        committer = RulesetCommitter(store: ruleset, configuration: configuration)
        _ = try committer.rebuild(snapshots)
        ruleset.applied = []
    }

    /// A committer that has not been asked for anything yet.
    init(cold configuration: DataPlaneConfiguration) {
        committer = RulesetCommitter(store: ruleset, configuration: configuration)
    }

    /// Makes the kernel refuse the addition of elements to a map of tuples for these cluster IPs' numbers.
    ///
    /// - Parameters:
    ///   - numbers: The last octets of the cluster IPs.
    ///   - isPrecise: Whether the kernel tells which element it refuses, or the operation only.
    ///   - reason: Why.
    func refuse(_ numbers: UInt8..., precisely isPrecise: Bool = true, because reason: KernelReason = .invalid) {
        let bad = Set(numbers.map { IPAddress(10, 96, 0, $0) })
        func isBad(_ element: Element) -> Bool { bad.contains(element.key.address(.ipv4, at: 0)) }
        ruleset.refuse { operation, element in
            guard case .addElements(let table, let set, let elements) = operation, table == Self.table,
                ["services", "no-endpoint-services"].contains(set)
            else { return nil }
            if isPrecise { return element.map(isBad) ?? false ? reason : nil }
            return element == nil && elements.contains(where: isBad) ? reason : nil
        }
    }

    /// The kernel takes everything again.
    func refuseNothing() { ruleset.refuse(where: nil) }

    /// How many transactions were applied that did more than to make chains, which comes before elements lead to them.
    var changesApplied: Int {
        ruleset.applied.count { transaction in
            !transaction.operations.allSatisfy { operation in
                switch operation {
                case .addChain, .addRule: true
                default: false
                }
            }
        }
    }

    /// Whether the ruleset is exactly what a new agent would make of these Services, slots apart.
    func holds(_ snapshots: ServiceSnapshot..., configuration: DataPlaneConfiguration = .init()) throws -> Bool {
        let fresh = InMemoryRuleset()
        let plane = DataPlane(configuration: configuration)
        try fresh.apply(plane.rebuild(replacing: [:], changing: snapshots).transaction)
        let (wanted, held) = (fresh.snapshot.tables, ruleset.snapshot.tables)
        return wanted.keys == held.keys && wanted.allSatisfy { held[$0]?.isProgrammed(as: $1) ?? false }
    }
}

extension RulesetSnapshot.TableContents {
    /// Whether both hold the same, but for chains of classes that nothing leads to any longer.
    fileprivate func isProgrammed(as other: RulesetSnapshot.TableContents) -> Bool {
        let surplus = chains.keys.filter { other.chains[$0] == nil }
        return sets == other.sets && foreignSets == other.foreignSets
            && other.chains.allSatisfy { chains[$0] == $1 }
            && surplus.allSatisfy { $0.base == nil && $0.name.hasPrefix("lb-") }
    }
}
