import NetworkAddress
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules
import Testing

/// What the tables say about Services, without what the planner is free to choose: which endpoint is in which slot,
/// and how long a class is kept.
struct DataPlaneState: Hashable {
    /// A way in that forwards.
    struct Entry: Hashable, CustomStringConvertible {
        let table: Table
        let map: String
        /// The words of the tuple.
        let tuple: [UInt32]
        let comment: String?
        /// Whether the node's own clients are led elsewhere first.
        let isExternal: Bool
        /// Whether clients that are remembered are led back.
        let isAffine: Bool
        /// Empty where nobody but the node's own clients is led anywhere.
        let endpoints: Set<PackedFields>

        var description: String {
            "\(table) \(map) \(tuple.map { String($0.bigEndian, radix: 16) }) \"\(comment ?? "")\" external \(isExternal) "
                + "affine \(isAffine): \(endpoints.count) endpoints"
        }
    }

    var entries: Set<Entry> = []
    /// The elements of all other sets.
    var elements: Set<PlacedElement> = []

    /// The verdict maps that lead to slots, with the maps that hold them and the beginning of the chains' names.
    private static let balancingMaps = [
        "services": (slots: "endpoints", chains: "lb-"),
        "nodeports": (slots: "nodeport-endpoints", chains: "np-"),
        "short-circuits": (slots: "short-circuit-endpoints", chains: "sc-"),
        "short-circuit-nodeports": (slots: "short-circuit-nodeport-endpoints", chains: "scnp-"),
    ]

    // MARK: - What there is

    /// Reads a ruleset, and records an issue for whatever could send a flow astray: holes in slots, a class that does
    /// not fit, slots that nothing leads to.
    init(_ ruleset: RulesetSnapshot, _ location: SourceLocation = #_sourceLocation) {
        for (table, contents) in ruleset.tables {
            let sets = Dictionary(uniqueKeysWithValues: contents.sets.map { ($0.key.name, $0.value) })
            for (map, (slotMap, chains)) in Self.balancingMaps {
                var slots: [[UInt32]: [Element]] = [:]
                for element in sets[slotMap] ?? [] {
                    slots[element.key.words.dropLast(), default: []].append(element)
                }
                for element in sets[map] ?? [] {
                    let filled = slots.removeValue(forKey: element.key.words) ?? []
                    let way = Self.wayIn(element)
                    Self.expectFits(filled, way.rest, chains, isExternal: way.isExternal, location)
                    entries.insert(
                        Entry(
                            table: table,
                            map: map,
                            tuple: element.key.words,
                            comment: element.comment,
                            isExternal: way.isExternal,
                            isAffine: way.isAffine,
                            endpoints: Set(filled.compactMap(\.destination))
                        )
                    )
                    #expect(filled.allSatisfy { $0.comment == element.comment }, sourceLocation: location)
                }
                #expect(slots.isEmpty, "\(table) \(slotMap) has slots that nothing leads to", sourceLocation: location)
            }
            let special = Set(Self.balancingMaps.flatMap { [$0.key, $0.value.slots] })
            for (set, found) in sets where !special.contains(set) {
                elements.formUnion(found.map { PlacedElement(table: table, set: set, element: $0) })
            }
        }
    }

    /// Takes the beginnings off the name of the chain that an element leads to: `ext-aff-lb-8`.
    private static func wayIn(_ entry: Element) -> (rest: Substring, isExternal: Bool, isAffine: Bool) {
        guard case .verdict(.goto(let chain)) = entry.value else { return ("", false, false) }
        var rest = chain[...]
        func take(_ beginning: String) -> Bool {
            guard rest.hasPrefix(beginning) else { return false }
            rest = rest.dropFirst(beginning.count)
            return true
        }
        let isExternal = take("ext-")
        let isAffine = take("aff-")
        return (rest, isExternal, isAffine)
    }

    private static func expectFits(
        _ slots: [Element],
        _ chain: Substring,
        _ chains: String,
        isExternal: Bool,
        _ location: SourceLocation
    ) {
        let numbers = slots.compactMap(\.key.words.last).sorted()
        #expect(numbers == (0..<UInt32(slots.count)).map { $0 }, "slots have no holes", sourceLocation: location)
        #expect(
            Set(slots.compactMap(\.destination)).count == slots.count,
            "no endpoint twice",
            sourceLocation: location
        )
        if isExternal, chain == "\(chains)none" {
            #expect(slots.isEmpty, "slots that nothing draws from", sourceLocation: location)
            return
        }
        guard chain.hasPrefix(chains), let size = Int(chain.dropFirst(chains.count)) else {
            Issue.record("a way in leads to no balancing chain: \(chain)", sourceLocation: location)
            return
        }
        #expect(
            slots.count >= 1 && slots.count <= size && slots.count * 2 >= size,
            "\(slots.count) endpoints do not fit \(chain)",
            sourceLocation: location
        )
    }

    // MARK: - What there should be

    /// Says what the tables must hold for Services, straight from what a snapshot means.
    init(of snapshots: some Sequence<ServiceSnapshot>, tableName: String = "fairlead") {
        for snapshot in snapshots {
            for frontEnd in snapshot.frontEnds { insert(frontEnd, of: snapshot.service, tableName) }
        }
    }

    /// The sets that tell of front ends at addresses, or of those at node ports.
    private struct SetNames {
        let ways, ownWays, masquerade, unanswered, record, returns: String

        static let addresses = SetNames(
            ways: "services",
            ownWays: "short-circuits",
            masquerade: "masq-services",
            unanswered: "no-endpoint-services",
            record: "affinity-services",
            returns: "affinity-endpoints"
        )
        static let nodePorts = SetNames(
            ways: "nodeports",
            ownWays: "short-circuit-nodeports",
            masquerade: "masq-nodeports",
            unanswered: "no-endpoint-nodeports",
            record: "affinity-nodeports",
            returns: "affinity-nodeport-endpoints"
        )
    }

    private mutating func insert(_ frontEnd: FrontEnd, of service: ObjectName, _ tableName: String) {
        let table = Table(TableFamily(frontEnd.key.family), tableName)
        let comment = frontEnd.portName.isEmpty ? "\(service)" : "\(service):\(frontEnd.portName)"
        let shown = shortened(comment)
        let tuple: PackedFields
        let names: SetNames
        switch frontEnd.key.listener {
        case .address(let address):
            tuple = PackedFields(address, frontEnd.key.transport, frontEnd.key.port)
            names = .addresses
            if frontEnd.masquerade == .offCluster {
                add(Element(PackedFields(address)), to: "cluster-ips", in: table)
            }
            insertSourceRanges(of: frontEnd, tuple, shown, table)
        case .nodeAddresses:
            tuple = PackedFields(frontEnd.key.transport, frontEnd.key.port)
            names = .nodePorts
        }
        var others: [Endpoint] = []
        switch frontEnd.action {
        case .refuse:
            add(Element(tuple, .verdict(.goto("reject-chain")), comment: shown), to: names.unanswered, in: table)
        case .drop:
            add(Element(tuple, .verdict(.drop), comment: shown), to: names.unanswered, in: table)
        case .forward(let endpoints):
            if frontEnd.masquerade == .always { add(Element(tuple, comment: shown), to: names.masquerade, in: table) }
            others = endpoints
        }
        var own: [Endpoint] = []
        if case .forward(let endpoints) = frontEnd.shortCircuit { own = endpoints }
        for endpoint in others + own where endpoint.locality != .remote {
            let address = endpoint.destination.address
            add(Element(PackedFields(address, address)), to: "hairpin", in: table)
        }
        func enter(_ map: String, _ endpoints: [Endpoint], isExternal: Bool) {
            entries.insert(
                Entry(
                    table: table,
                    map: map,
                    tuple: tuple.words,
                    comment: shown,
                    isExternal: isExternal,
                    isAffine: frontEnd.affinitySeconds != nil && !endpoints.isEmpty,
                    endpoints: Set(endpoints.map { PackedFields($0.destination) })
                )
            )
        }
        if !others.isEmpty || !own.isEmpty { enter(names.ways, others, isExternal: !own.isEmpty) }
        if !own.isEmpty { enter(names.ownWays, own, isExternal: false) }
        guard let seconds = frontEnd.affinitySeconds, !others.isEmpty || !own.isEmpty else { return }
        let chain = "record-\(names.record == "affinity-services" ? "" : "np-")\(frontEnd.key.transport)-\(seconds)"
        add(Element(tuple, .verdict(.goto(chain)), comment: shown), to: names.record, in: table)
        for endpoint in others + own {
            var key = tuple
            key.append(endpoint.destination.address)
            key.append(endpoint.destination.port)
            add(Element(key, comment: shown), to: names.returns, in: table)
        }
    }

    /// The ranges of the address's family that are in no other one: the widest come first.
    private mutating func insertSourceRanges(
        of frontEnd: FrontEnd,
        _ tuple: PackedFields,
        _ comment: String,
        _ table: Table
    ) {
        guard let ranges = frontEnd.sourceRanges else { return }
        add(Element(tuple, comment: comment), to: "firewalled-services", in: table)
        var widest: [IPPrefix] = []
        for range in ranges.sorted(by: { $0.length < $1.length })
        where range.family == frontEnd.key.family && !widest.contains(where: { $0.contains(range.address) }) {
            widest.append(range)
        }
        for range in widest {
            var (first, last) = (tuple, tuple)
            first.append(range.address)
            last.append(range.lastAddress)
            add(Element(first, .upTo(last), comment: comment), to: "source-ranges", in: table)
        }
    }

    private mutating func add(_ element: Element, to set: String, in table: Table) {
        elements.insert(PlacedElement(table: table, set: set, element: element))
    }

    /// What a comment of 127 bytes holds of an ASCII text: its beginning, a tilde, and the 64-bit FNV-1a hash.
    private func shortened(_ text: String) -> String {
        guard text.utf8.count > 127 else { return text }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        let digest = "~" + String(hash, radix: 16)
        return String(text.prefix(127 - digest.count)) + digest
    }
}

extension PackedFields {
    var words: [UInt32] { (0..<count).map { self[$0] } }
}

extension Element {
    fileprivate var destination: PackedFields? {
        if case .fields(let fields) = value { fields } else { nil }
    }
}

extension DataPlaneState {
    /// What another state has more (`+`) or less (`-`), for a failed comparison.
    func differences(to other: DataPlaneState) -> [String] {
        entries.subtracting(other.entries).map { "- \($0)" } + other.entries.subtracting(entries).map { "+ \($0)" }
            + elements.subtracting(other.elements).map { "- \($0)" }
            + other.elements.subtracting(elements).map { "+ \($0)" }
    }
}
