import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules
import Testing

/// Chains that elements lead to are made when the first element needs them, and once.
@Suite struct ChainsOnDemandTests {
    private static func web(_ count: Int, affinitySeconds: UInt32? = nil) -> ServiceSnapshot {
        let balanced = clusterIP("10.96.0.1", does: .forward(endpoints(count)))
        return service(
            "web",
            FrontEnd(
                key: balanced.key,
                portName: "",
                masquerade: .offCluster,
                action: balanced.action,
                affinitySeconds: affinitySeconds
            )
        )
    }

    private func chainsMade(_ transaction: Transaction) -> Set<String> {
        Set(
            transaction.operations.compactMap { operation in
                if case .addChain(_, let chain) = operation { chain.name } else { nil }
            }
        )
    }

    @Test func `a class is made when the first Service needs it, and never again`() throws {
        var node = try ProgrammedNode()
        #expect(chainsMade(try node.change(Self.web(3))) == ["lb-4"])
        #expect(chainsMade(try node.change(Self.web(5))) == ["lb-8"])
        #expect(chainsMade(try node.change(Self.web(2))) == ["lb-2"])
        #expect(chainsMade(try node.change(Self.web(7))).isEmpty)
        #expect(chainsMade(try node.change(service("web"))).isEmpty)
        #expect(chainsMade(try node.change(Self.web(3))).isEmpty)
    }

    @Test func `affinity makes the chains that it leads through, and one for its time`() throws {
        var node = try ProgrammedNode([Self.web(3)])
        #expect(chainsMade(try node.change(Self.web(3, affinitySeconds: 60))) == ["aff-lb-4", "record-tcp-60"])
        #expect(chainsMade(try node.change(Self.web(3, affinitySeconds: 90))) == ["record-tcp-90"])
    }

    @Test func `a rebuild makes those chains alone that something leads to`() throws {
        var node = try ProgrammedNode([Self.web(3)])
        try node.change(Self.web(100))
        try node.rebuild()
        let names = Set(node.snapshot.tables.values.flatMap { $0.chains.keys.map(\.name) })
        #expect(names.contains("lb-128"))
        #expect(!names.contains("lb-4"))
        // And a class that went is made again when it is needed.
        #expect(chainsMade(try node.change(Self.web(3))) == ["lb-4"])
    }

    @Test func `a rebuild for many Services makes the usual classes at once, for later`() throws {
        let many = (0..<1000).map { number in
            service(
                "s\(number)",
                clusterIP("10.\(97 + number / 250).0.\(number % 250 + 1)", does: .forward(endpoints(1)))
            )
        }
        var node = try ProgrammedNode(many)
        let names = Set(node.snapshot.tables.values.flatMap { $0.chains.keys.map(\.name) })
        #expect(names.isSuperset(of: ["lb-1", "lb-16", "lb-64", "np-1", "np-64"]))
        #expect(chainsMade(try node.change(Self.web(3))).isEmpty)
        #expect(chainsMade(try node.change(Self.web(64))).isEmpty)
        #expect(chainsMade(try node.change(Self.web(65))) == ["lb-128"])
    }
}
