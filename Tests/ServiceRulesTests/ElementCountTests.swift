import NetworkAddress
import Nftables
import ServiceModel
import ServiceRules
import Testing

/// What one change costs, in elements.
@Suite struct ElementCountTests {
    /// A change of one front end, and the elements that it deletes and adds.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var through: [FrontEnd] = []
        let before: FrontEnd
        let after: FrontEnd
        let expected: [String]

        var testDescription: String { name }
    }

    private static func web(
        _ endpoints: [Endpoint],
        name: String = "",
        _ masquerade: Masquerade = .offCluster
    ) -> FrontEnd {
        clusterIP("10.96.0.1", name: name, masquerade: masquerade, does: .forward(endpoints))
    }

    private static let here = endpoint("10.244.1.2:8080", .local)
    private static let hereToo = endpoint("10.244.1.3:8080", .local)

    private static let cases: [Case] = [
        Case(name: "nothing differs", before: web(endpoints(3)), after: web(endpoints(3)), expected: []),
        Case(
            name: "only the order of the endpoints differs",
            before: web(endpoints(3)),
            after: web(endpoints(3).reversed()),
            expected: []
        ),
        Case(
            name: "one endpoint takes the place of another",
            before: web(endpoints(3)),
            after: web(endpoints(2) + endpoints(1, from: 9)),
            expected: ["endpoints -1", "endpoints +1"]
        ),
        Case(
            name: "one endpoint here takes the place of another",
            before: web(endpoints(2) + [here]),
            after: web(endpoints(2) + [hereToo]),
            expected: ["endpoints -1", "hairpin -1", "endpoints +1", "hairpin +1"]
        ),
        Case(
            name: "one endpoint comes within the class",
            before: web(endpoints(3)),
            after: web(endpoints(4)),
            expected: ["endpoints +1"]
        ),
        Case(
            name: "the last endpoint goes within the class",
            before: web(endpoints(4)),
            after: web(endpoints(3)),
            expected: ["endpoints -1"]
        ),
        Case(
            name: "the first endpoint goes within the class, and the last one takes its slot",
            before: web(endpoints(4)),
            after: web(endpoints(3, from: 2)),
            expected: ["endpoints -2", "endpoints +1"]
        ),
        Case(
            name: "one endpoint too many for the class",
            before: web(endpoints(4)),
            after: web(endpoints(5)),
            expected: ["services -1", "services +1", "endpoints +1"]
        ),
        Case(
            name: "half of the class and no less keeps the verdict",
            before: web(endpoints(8)),
            after: web(endpoints(4)),
            expected: ["endpoints -4"]
        ),
        Case(
            name: "less than half of the class changes the verdict",
            through: [web(endpoints(8)), web(endpoints(4))],
            before: web(endpoints(4)),
            after: web(endpoints(3)),
            expected: ["services -1", "endpoints -1", "services +1"]
        ),
        Case(
            name: "an endpoint that comes and goes at the boundary costs no verdict",
            through: [web(endpoints(4)), web(endpoints(5))],
            before: web(endpoints(4)),
            after: web(endpoints(5)),
            expected: ["endpoints +1"]
        ),
        Case(
            name: "an endpoint moves to this node",
            before: web([endpoint("10.244.1.2:8080", .remote)]),
            after: web([here]),
            expected: ["hairpin +1"]
        ),
        Case(
            name: "nobody knows any longer where an endpoint is",
            before: web([here]),
            after: web([endpoint("10.244.1.2:8080", .unknown)]),
            expected: []
        ),
        Case(
            name: "an endpoint moves to another node",
            before: web([here]),
            after: web([endpoint("10.244.1.2:8080", .remote)]),
            expected: ["hairpin -1"]
        ),
        Case(
            name: "the last endpoint is gone",
            before: web(endpoints(2)),
            after: clusterIP("10.96.0.1", does: .refuse),
            expected: ["services -1", "endpoints -2", "no-endpoint-services +1"]
        ),
        Case(
            name: "the first endpoint comes",
            before: clusterIP("10.96.0.1", does: .refuse),
            after: web(endpoints(1)),
            expected: ["no-endpoint-services -1", "services +1", "endpoints +1"]
        ),
        Case(
            name: "what was refused is dropped",
            before: clusterIP("10.96.0.1", does: .refuse),
            after: clusterIP("10.96.0.1", does: .drop),
            expected: ["no-endpoint-services -1", "no-endpoint-services +1"]
        ),
        Case(
            name: "all flows are masqueraded from now on",
            before: web(endpoints(4)),
            after: web(endpoints(4), .always),
            expected: ["cluster-ips -1", "masq-services +1"]
        ),
        Case(
            name: "another name of the port: every comment says so",
            before: web(endpoints(2), name: "http"),
            after: web(endpoints(2), name: "web"),
            expected: ["services -1", "endpoints -2", "services +1", "endpoints +2"]
        ),
        Case(
            name: "a node port's endpoint takes the place of another",
            before: nodePort(30080, does: .forward(endpoints(3))),
            after: nodePort(30080, does: .forward(endpoints(2) + endpoints(1, from: 9))),
            expected: ["nodeport-endpoints -1", "nodeport-endpoints +1"]
        ),
        Case(
            name: "a node port closes",
            before: nodePort(30080, does: .forward(endpoints(2))),
            after: nodePort(30080, does: .drop),
            expected: [
                "nodeports -1", "nodeport-endpoints -2", "masq-nodeports -1", "no-endpoint-nodeports +1",
            ]
        ),
    ]

    @Test(arguments: cases)
    func `a change costs what differs`(_ change: Case) throws {
        var node = try ProgrammedNode()
        for frontEnd in change.through + [change.before] { try node.change(service("web", frontEnd)) }
        let transaction = try node.change(service("web", change.after))
        #expect(transaction.summary.sorted() == change.expected.sorted())
        // A key may come again with another value only after it has gone.
        let deletions = transaction.summary.prefix { $0.contains(" -") }.count
        #expect(transaction.summary.dropFirst(deletions).allSatisfy { $0.contains(" +") })
    }

    @Test func `a Service that comes beside thousands costs its own elements`() throws {
        let many = (0..<2000).map { number in
            service("s\(number)", clusterIP("10.97.\(number >> 8).\(number & 255)", does: .forward(endpoints(4))))
        }
        var node = try ProgrammedNode(many)
        let transaction = try node.change(service("web", clusterIP("10.96.0.1", does: .forward(endpoints(4)))))
        #expect(transaction.summary == ["cluster-ips +1", "services +1", "endpoints +4"])
    }

    @Test func `a Service that goes takes its own elements with it`() throws {
        let snapshot = service(
            "web",
            clusterIP("10.96.0.1", name: "http", does: .forward([Self.here])),
            nodePort(30080, name: "http", does: .forward([Self.here]))
        )
        var node = try ProgrammedNode([snapshot])
        let transaction = try node.change(service("web"))
        #expect(
            transaction.summary == [
                "cluster-ips -1", "services -1", "nodeports -1", "endpoints -1", "nodeport-endpoints -1",
                "masq-nodeports -1", "hairpin -1",
            ]
        )
    }

    @Test func `a Service that was never programmed goes without a change`() throws {
        var node = try ProgrammedNode()
        #expect(try node.change(service("web")).isEmpty)
        #expect(node.plane.serviceCount == 0)
    }
}
