import KubernetesAPI
import NetworkAddress
import Testing

struct `Topology is read` {
    @Test func `from the hints of an endpoint`() throws {
        let result = decode(
            slice(endpoints: [
                ["addresses": ["10.1.0.1"]],
                ["addresses": ["10.1.0.2"], "hints": nil, "zone": "z1", "deprecatedTopology": ["a": "b"]],
                ["addresses": ["10.1.0.3"], "hints": ["forZones": nil, "forNodes": []]],
                [
                    "addresses": ["10.1.0.4"],
                    "hints": ["forZones": [["name": "z1"], ["name": "z2"]], "forNodes": [["name": "node-1"]]],
                ],
            ])
        )
        guard case .endpointSlice(let object) = try #require(result.objects.first) else {
            throw DecodingExpectation(message: "another kind")
        }
        #expect(result.problems == [])
        #expect(object.endpoints.map(\.zoneHints) == [[], [], [], ["z1", "z2"]])
        #expect(object.endpoints.map(\.nodeHints) == [[], [], [], ["node-1"]])
    }

    @Test(
        arguments: [
            (["hints": "z1"], #"hints: the text "z1" stands where an object is expected"#),
            (["hints": ["forZones": ["z1"]]], #"hints.forZones[0]: the text "z1" stands where an object is expected"#),
            (["hints": ["forNodes": [["name": ""]]]], "hints.forNodes[0].name: the name is missing"),
        ] as [(ObjectValue, String)]
    )
    func `or its endpoint is left out`(_ hints: ObjectValue, _ problem: String) throws {
        guard case .object(let members) = hints else { throw DecodingExpectation(message: "no object") }
        let broken = ObjectValue.object([.init(name: "addresses", value: ["10.1.0.1"])] + members)
        let result = decode(slice(endpoints: [broken, ["addresses": ["10.1.0.2"]]]))
        guard case .endpointSlice(let object) = try #require(result.objects.first) else {
            throw DecodingExpectation(message: "another kind")
        }
        #expect(object.endpoints.map(\.address.description) == ["10.1.0.2"])
        #expect(
            result.problems.map { "\($0.field ?? ""): \($0.message)" }
                == ["endpoints[0].\(problem); this endpoint is left out"]
        )
    }

    private func readNode(_ labels: ObjectValue, _ spec: ObjectValue) throws -> Node {
        let result = decode([
            "apiVersion": "v1", "kind": "Node", "metadata": ["name": "node-1", "labels": labels], "spec": spec,
        ])
        #expect(result.problems == [])
        guard case .node(let node) = try #require(result.objects.first) else {
            throw DecodingExpectation(message: "another kind")
        }
        return node
    }

    @Test(
        arguments: [
            (nil, nil), (["topology.kubernetes.io/zone": ""], nil), (["topology.kubernetes.io/zone": "z1"], "z1"),
            (["topology.kubernetes.io/region": "r1"], nil),
        ] as [(ObjectValue, String?)]
    )
    func `from the label of a node`(_ labels: ObjectValue, _ zone: String?) throws {
        #expect(try readNode(labels, nil).zone == zone)
    }

    @Test func `as are the taints of a node, by their keys`() throws {
        let taints: ObjectValue = [["key": "a", "effect": "NoSchedule"], ["key": "b", "value": "1"]]
        #expect(try readNode(nil, ["taints": taints]).taintKeys == ["a", "b"])
        #expect(try readNode(nil, ["taints": nil]).taintKeys == [])
    }
}
