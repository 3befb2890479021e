import NetworkAddress
import Nftables
import NftablesTestKit
import Testing

/// Random numbers: seeds, scripts, and all of them at once.
@Suite struct PacketOutcomesTests {
    private let plane: SmallDataPlane
    private let packet: Packet

    init() throws {
        plane = try SmallDataPlane()
        packet = Packet(
            from: IPAddress(10, 244, 3, 9),
            to: TransportAddress(IPAddress(10, 96, 0, 2), try #require(Port(80)))
        )
    }

    @Test func `endpoints in a class with an empty slot are all as likely`() {
        let outcomes = plane.tracer.outcomes(of: packet)
        // All eight draws of four miss the three filled slots with this probability; the last draw is one of two.
        let allMiss = 1.0 / 65536
        let expected: [(String, Double)] = [
            ("10.244.1.2:8080", (1 - allMiss) / 3 + allMiss / 2),
            ("10.244.1.3:8080", (1 - allMiss) / 3 + allMiss / 2),
            ("10.244.2.4:8080", (1 - allMiss) / 3),
        ]
        #expect(outcomes.count == 3)
        for (destination, probability) in expected {
            #expect(abs((outcomes[.delivered(destination)] ?? 0) - probability) < 1e-12, "\(destination)")
        }
    }

    @Test func `a class without endpoints leaves the packet as it was`() throws {
        let slots = (0..<3).map(SmallDataPlane.slotOfThree)
        try plane.ruleset.apply(
            Transaction([.deleteElements(SmallDataPlane.table, set: SmallDataPlane.endpoints.name, slots)])
        )
        #expect(plane.tracer.outcomes(of: packet) == [.delivered("10.96.0.2:80"): 1])
    }

    @Test(arguments: [([UInt32(0)], "10.244.1.2:8080"), ([2], "10.244.2.4:8080"), ([3, 3, 1], "10.244.1.3:8080")])
    func `a script decides which numbers are drawn`(_ numbers: [UInt32], _ destination: String) {
        let outcome = plane.tracer.trace(packet, drawing: .scripted(numbers))
        #expect(outcome.verdict == .delivered(destination))
    }

    @Test func `the last draw after eight misses is among the lower half`() {
        let misses = [UInt32](repeating: 3, count: 8)
        #expect(plane.tracer.trace(packet, drawing: .scripted(misses + [1])).verdict == .delivered("10.244.1.3:8080"))
    }

    @Test func `a seed decides once and for all, and seeds differ`() {
        let verdicts = (0..<100).map { plane.tracer.trace(packet, drawing: .seeded($0)).verdict }
        #expect(verdicts == (0..<100).map { plane.tracer.trace(packet, drawing: .seeded($0)).verdict })
        #expect(Set(verdicts) == Set(plane.tracer.outcomes(of: packet).keys))
    }

    @Test func `a large class with few empty slots is explored in good time`() throws {
        let table = Table(.ip, "large")
        let map = SetDeclaration("slots", key: [.number], content: .fields([.address(.ipv4), .port]))
        let port = try #require(Port(80))
        var transaction = Transaction([
            .addTable(table), .addSet(table, map),
            .addChain(table, Chain("base", base: BaseHook(type: .nat, hook: .prerouting, priority: -100))),
            .addElements(
                table,
                set: map.name,
                (0..<600).map { slot in
                    Element(
                        PackedFields(number: slot),
                        .fields(PackedFields(TransportAddress(IPAddress(ipv4: 1 << 24 | slot), port)))
                    )
                }
            ),
        ])
        for _ in 0..<8 {
            let rule = Rule([.destinationNAT([.randomNumber(below: 1024)], map: map.name)])
            transaction.append(.addRule(table, chain: "base", rule))
        }
        let ruleset = InMemoryRuleset()
        try ruleset.apply(transaction)
        let outcomes = PacketTracer(ruleset).outcomes(of: packet)
        // 600 slots, and the packet that missed eight times.
        #expect(outcomes.count == 601)
        #expect(abs(outcomes.values.reduce(0, +) - 1) < 1e-9)
    }
}
