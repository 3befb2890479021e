import KubernetesAPI
import NetworkAddress
import Testing

struct `An EndpointSlice is read` {
    private func read(_ document: ObjectValue) throws -> EndpointSlice {
        guard case .endpointSlice(let object) = try #require(decode(document).objects.first) else {
            throw DecodingExpectation(message: "another kind")
        }
        return object
    }

    @Test func `with the conditions as kube-proxy reads them when they are absent`() throws {
        let object = try read(
            slice(endpoints: [["addresses": ["10.1.0.1"]], ["addresses": ["10.1.0.2"], "conditions": nil]])
        )
        for endpoint in object.endpoints {
            #expect(endpoint.isReady)
            #expect(endpoint.isServing)
            #expect(!endpoint.isTerminating)
            #expect(endpoint.nodeName == nil)
        }
        #expect(object.endpoints.count == 2)
    }

    @Test func `with its conditions, its node and only the first address of each endpoint`() throws {
        let object = try read(
            slice(endpoints: [
                [
                    "addresses": ["010.1.0.1", "nonsense"], "nodeName": "node-1",
                    "conditions": ["ready": false, "serving": true, "terminating": true],
                ]
            ])
        )
        #expect(
            object.endpoints == [
                .init(
                    address: IPAddress(10, 1, 0, 1),
                    isReady: false,
                    isServing: true,
                    isTerminating: true,
                    nodeName: "node-1"
                )
            ]
        )
    }

    @Test(
        arguments: [
            (["endpoints.kubernetes.io/last-change-trigger-time": "2026-11-21T10:00:00.5Z"], 1_795_255_200),
            (["endpoints.kubernetes.io/last-change-trigger-time": "yesterday"], nil),
            (["endpoints.kubernetes.io/last-change-trigger-time": 7], nil),
            (["other": "2026-11-21T10:00:00Z"], nil),
            (nil, nil),
        ] as [(ObjectValue, Int64?)]
    )
    func `with the time of the change that it was last written for`(annotations: ObjectValue, second: Int64?) throws {
        let object = try read([
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": ["name": "web-1", "annotations": annotations], "endpoints": [], "ports": [],
        ])
        #expect(object.lastChangeTrigger?.seconds == second)
    }

    @Test func `without the ports that stand for all ports`() throws {
        let object = try read(
            slice(endpoints: [], ports: [["name": "all"], ["name": "nil", "port": nil], ["port": 0, "name": "zero"]])
        )
        #expect(object.ports == [])
        #expect(decode(slice(endpoints: nil, ports: nil)).problems == [])
    }

    @Test func `in its beta version`() throws {
        let object = try read([
            "apiVersion": "discovery.k8s.io/v1beta1", "kind": "EndpointSlice", "addressType": "IPv6",
            "metadata": ["name": "web-1"], "endpoints": [["addresses": ["fd00::1"]]],
            "ports": [["name": "dns", "port": 53, "protocol": "UDP"]],
        ])
        #expect(object.addressType == .ipv6)
        #expect(object.ports == [.init(name: "dns", transport: .udp, port: try #require(Port(53)))])
        #expect(object.endpoints.map(\.address.description) == ["fd00::1"])
    }

    @Test func `without addresses when they are names`() throws {
        let result = decode([
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "FQDN",
            "metadata": ["name": "web-1", "labels": ["kubernetes.io/service-name": "web"]],
            "endpoints": [["addresses": ["example.com"]]], "ports": [["port": 80]],
        ])
        #expect(result.problems == [])
        #expect(result.objects.count == 1)
    }

    @Test func `with a notice when it belongs to no Service`() {
        let result = decode([
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": ["name": "web-1"],
        ])
        #expect(result.objects.count == 1)
        #expect(
            result.notices.map(\.description) == [
                "web.yaml document 1 (line 1): EndpointSlice default/web-1: it has no label "
                    + "kubernetes.io/service-name, so no Service uses it"
            ]
        )
    }

    @Test(
        arguments: [
            (["addresses": ["10.1.0.256"]], "addresses[0]", #""10.1.0.256" is not an IP address"#),
            (["addresses": ["fd00::1"]], "addresses[0]", "fd00::1 is not of the slice's addressType"),
            (["addresses": ["0.0.0.0"]], "addresses[0]", "0.0.0.0 is the unspecified address, not that of one host"),
            (["addresses": ["224.0.0.1"]], "addresses[0]", "224.0.0.1 is a multicast address, not that of one host"),
            (["addresses": [10]], "addresses[0]", "the integer 10 stands where an IP address is expected"),
            (["addresses": []], "addresses", "there is no address"),
            ([:], "addresses", "there is no address"),
            (
                ["addresses": ["10.1.0.1"], "conditions": ["ready": "yes"]], "conditions.ready",
                #"the text "yes" stands where true or false is expected"#
            ),
            (
                ["addresses": ["10.1.0.1"], "nodeName": 7], "nodeName",
                #"the integer 7 stands where text is expected; quote it: "7""#
            ),
        ] as [(ObjectValue, String, String)]
    )
    func `without an endpoint that is invalid, which is named`(
        _ bad: ObjectValue,
        _ field: String,
        _ rule: String
    ) throws {
        let result = decode(slice(endpoints: [["addresses": ["10.1.0.1"]], bad, ["addresses": ["10.1.0.3"]]]))
        let object = try read(slice(endpoints: [["addresses": ["10.1.0.1"]], bad, ["addresses": ["10.1.0.3"]]]))
        #expect(object.endpoints.map(\.address.description) == ["10.1.0.1", "10.1.0.3"])
        #expect(
            result.problems == [
                ObjectProblem(
                    origin: "web.yaml document 1 (line 1)",
                    object: "EndpointSlice default/web-1",
                    field: "endpoints[1].\(field)",
                    message: "\(rule); this endpoint is left out"
                )
            ]
        )
        #expect(result.leftOut == [])
    }

    @Test(
        arguments: [
            (["name": "http", "port": 70000], "port", "70000 is not between 1 and 65535"),
            (["name": "good", "port": 81], "name", #""good" is already the name of an earlier port"#),
            (["name": "http", "port": 80, "protocol": "ICMP"], "protocol", #""ICMP" is not TCP, UDP or SCTP"#),
        ] as [(ObjectValue, String, String)]
    )
    func `without a port that is invalid, which is named`(_ bad: ObjectValue, _ field: String, _ rule: String) throws {
        let document = slice(endpoints: [["addresses": ["10.1.0.1"]]], ports: [["name": "good", "port": 80], bad])
        let object = try read(document)
        #expect(object.ports.map(\.name) == ["good"])
        #expect(object.endpoints.count == 1)
        #expect(
            decode(document).problems.map(\.description) == [
                "web.yaml document 1 (line 1): EndpointSlice default/web-1: ports[1].\(field): \(rule); "
                    + "this port is left out"
            ]
        )
    }

    @Test(
        arguments: [
            ("addressType", nil, "the address type is missing"),
            ("addressType", "ipv4", #""ipv4" is none of IPv4, IPv6, FQDN"#),
            ("endpoints", "none", #"the text "none" stands where a list is expected"#),
        ] as [(String, ObjectValue, String)]
    )
    func `not at all when nothing in it can be trusted`(_ field: String, _ value: ObjectValue, _ rule: String) {
        guard case .object(let members) = slice(endpoints: []) else { return }
        let result = decode(.object(members.filter { $0.name != field } + [.init(name: field, value: value)]))
        #expect(result.objects == [])
        #expect(result.problems.map(\.field) == [field])
        #expect(result.problems.map(\.message) == ["\(rule); the EndpointSlice is left out"])
    }
}

struct `Endpoints are read` {
    @Test func `with ready and not ready addresses`() throws {
        let result = decode([
            "apiVersion": "v1", "kind": "Endpoints", "metadata": ["name": "web"],
            "subsets": [
                [
                    "addresses": [["ip": "10.1.0.1", "nodeName": "node-1", "targetRef": ["kind": "Pod"]]],
                    "notReadyAddresses": [["ip": "10.1.0.2"]],
                    "ports": [["name": "http", "port": 8080, "protocol": "TCP"]],
                ],
                ["addresses": nil, "ports": nil],
            ],
        ])
        #expect(result.problems == [])
        let expected = Endpoints(
            metadata: ObjectMetadata(name: "web", origin: "web.yaml document 1 (line 1)"),
            subsets: [
                .init(
                    addresses: [.init(address: IPAddress(10, 1, 0, 1), nodeName: "node-1")],
                    notReadyAddresses: [.init(address: IPAddress(10, 1, 0, 2))],
                    ports: [.init(name: "http", port: try #require(Port(8080)))]
                ),
                .init(),
            ]
        )
        #expect(result.objects == [.endpoints(expected)])
    }

    @Test func `without the parts that are invalid`() throws {
        let result = decode([
            "apiVersion": "v1", "kind": "Endpoints", "metadata": ["name": "web"],
            "subsets": [
                [
                    "addresses": [["ip": "10.1.0.1"], ["ip": "nonsense"], ["hostname": "a"]],
                    "ports": [["port": 8080], ["name": "bad"], ["name": "zero", "port": 0]],
                ]
            ],
        ])
        guard case .endpoints(let object) = try #require(result.objects.first) else {
            throw DecodingExpectation(message: "another kind")
        }
        #expect(object.subsets.first?.addresses.map(\.address.description) == ["10.1.0.1"])
        #expect(object.subsets.first?.ports.map(\.port.description) == ["8080"])
        #expect(
            result.problems.map { "\($0.field ?? ""): \($0.message)" } == [
                #"subsets[0].addresses[1].ip: "nonsense" is not an IP address; this address is left out"#,
                "subsets[0].addresses[2].ip: the address is missing; this address is left out",
                "subsets[0].ports[1].port: the port is missing; this port is left out",
                "subsets[0].ports[2].port: 0 is not between 1 and 65535; this port is left out",
            ]
        )
    }
}
