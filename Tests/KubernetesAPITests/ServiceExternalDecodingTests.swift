import KubernetesAPI
import NetworkAddress
import Testing

/// A Service that can be used, but for the fields given.
private func external(_ spec: [ObjectValue.Member] = [], status: ObjectValue = nil) -> ObjectValue {
    let base: [ObjectValue.Member] = [
        .init(name: "type", value: "LoadBalancer"), .init(name: "clusterIP", value: "10.96.0.10"),
        .init(name: "ports", value: [["port": 80]]),
    ]
    return [
        "apiVersion": "v1", "kind": "Service", "metadata": ["name": "web"], "spec": .object(base + spec),
        "status": status,
    ]
}

private func read(_ document: ObjectValue) throws -> (Service, [String]) {
    let result = decode(document)
    guard case .service(let object) = try #require(result.objects.first) else {
        throw DecodingExpectation(message: "another kind")
    }
    return (object, result.problems.map { "\($0.field ?? ""): \($0.message)" })
}

struct `The external fields of a Service are read` {
    @Test func `as absent`() throws {
        let (object, problems) = try read(external())
        #expect(problems == [])
        #expect(object.externalIPs == [])
        #expect(object.loadBalancerIngress == [])
        #expect(object.loadBalancerSourceRanges == [])
        #expect(object.affinitySeconds == nil)
        #expect(object.healthCheckNodePort == nil)
    }

    @Test func `with all that counts, and past what does not`() throws {
        let (object, problems) = try read(
            external(
                [
                    .init(name: "externalIPs", value: ["198.51.100.007", "2001:db8::7"]),
                    .init(name: "loadBalancerSourceRanges", value: ["10.1.2.3/8", " 2001:db8::/32\n"]),
                    .init(name: "healthCheckNodePort", value: 31000), .init(name: "loadBalancerIP", value: 7),
                    .init(name: "allocateLoadBalancerNodePorts", value: false),
                    .init(name: "ipFamilies", value: ["IPv4"]), .init(name: "sessionAffinity", value: "ClientIP"),
                    .init(name: "trafficDistribution", value: "PreferClose"),
                ],
                status: [
                    "loadBalancer": [
                        "ingress": [
                            ["ip": "203.0.113.7", "ports": [["port": 80, "protocol": "TCP"]]],
                            ["ip": "203.0.113.8", "ipMode": "VIP"], ["ip": "203.0.113.9", "ipMode": "Proxy"],
                            ["hostname": "lb.example.com"], ["ip": "", "hostname": "lb.example.com"],
                        ]
                    ]
                ]
            )
        )
        #expect(problems == [])
        #expect(object.externalIPs == [IPAddress(198, 51, 100, 7), IPAddress(parsing: "2001:db8::7")])
        #expect(object.loadBalancerSourceRanges.map { $0?.description } == ["10.0.0.0/8", "2001:db8::/32"])
        #expect(object.healthCheckNodePort == Port(31000))
        #expect(object.affinitySeconds == 10_800)
        #expect(
            object.loadBalancerIngress == [
                .init(address: IPAddress(203, 0, 113, 7)), .init(address: IPAddress(203, 0, 113, 8)),
                .init(address: IPAddress(203, 0, 113, 9), ipMode: .proxy),
                .init(address: nil, hostname: "lb.example.com"), .init(address: nil, hostname: "lb.example.com"),
            ]
        )
    }

    @Test func `with invalid addresses left out one by one, the others in their places`() throws {
        let (object, problems) = try read(
            external(
                [.init(name: "externalIPs", value: ["a", "198.51.100.7", 7, "0.0.0.0", "::ffff:10.0.0.1"])],
                status: [
                    "loadBalancer": [
                        "ingress": [
                            ["ip": "b"], ["ip": "203.0.113.7"], ["ip": "203.0.113.8", "ipMode": "vip"], "lb",
                            ["ip": "224.0.0.1"],
                        ]
                    ]
                ]
            )
        )
        #expect(object.externalIPs == [nil, IPAddress(198, 51, 100, 7), nil, nil, nil])
        #expect(object.loadBalancerIngress.map(\.address) == [nil, IPAddress(203, 0, 113, 7), nil, nil, nil])
        #expect(
            problems == [
                #"spec.externalIPs[0]: "a" is not an IP address; this address is left out"#,
                "spec.externalIPs[2]: the integer 7 stands where text is expected; this address is left out",
                "spec.externalIPs[3]: 0.0.0.0 is the unspecified address, not that of one host; this address is left out",
                "spec.externalIPs[4]: ::ffff:10.0.0.1 is an IPv4-mapped IPv6 address, which no packet carries; "
                    + "write it as 10.0.0.1; this address is left out",
                #"status.loadBalancer.ingress[0].ip: "b" is not an IP address; this address is left out"#,
                #"status.loadBalancer.ingress[2].ipMode: "vip" is none of VIP, Proxy; this address is left out"#,
                #"status.loadBalancer.ingress[3]: the text "lb" stands where an object is expected; "#
                    + "this address is left out",
                "status.loadBalancer.ingress[4].ip: 224.0.0.1 is a multicast address, not that of one host; "
                    + "this address is left out",
            ]
        )
    }

    @Test func `with unreadable ranges that still are ranges, letting nobody in`() throws {
        let ranges: ObjectValue = ["10.0.0.0", "10.0.0.0/33", 8, "10.0.0.0/8", " "]
        let (object, problems) = try read(external([.init(name: "loadBalancerSourceRanges", value: ranges)]))
        #expect(object.loadBalancerSourceRanges.map { $0?.description } == [nil, nil, nil, "10.0.0.0/8", nil])
        #expect(
            problems == [
                #"spec.loadBalancerSourceRanges[0]: "10.0.0.0" is not an address range; this range lets nobody in"#,
                #"spec.loadBalancerSourceRanges[1]: "10.0.0.0/33" is not an address range; this range lets nobody in"#,
                "spec.loadBalancerSourceRanges[2]: the integer 8 stands where text is expected; this range lets nobody in",
                #"spec.loadBalancerSourceRanges[4]: " " is not an address range; this range lets nobody in"#,
            ]
        )
    }

    @Test(arguments: [("ClientIP", 1, 1), ("ClientIP", 86_400, 86_400), ("None", 60, nil), ("", 60, nil)])
    func `with the affinity of clients, where it is asked for`(
        affinity: String,
        timeout: Int64,
        seconds: UInt32?
    ) throws {
        let (object, problems) = try read(
            external([
                .init(name: "sessionAffinity", value: .string(affinity)),
                .init(
                    name: "sessionAffinityConfig",
                    value: ["clientIP": ["timeoutSeconds": .integer(timeout)]]
                ),
            ])
        )
        #expect(problems == [])
        #expect(object.affinitySeconds == seconds)
    }
}

struct `A Service is left out for its external fields` {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let spec: [ObjectValue.Member]
        var status: ObjectValue = nil
        let problem: String

        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "an affinity that does not exist",
            spec: [.init(name: "sessionAffinity", value: "Cookie")],
            problem: #"spec.sessionAffinity: "Cookie" is none of None, ClientIP"#
        ),
        Case(
            name: "an affinity of no time",
            spec: [
                .init(name: "sessionAffinity", value: "ClientIP"),
                .init(name: "sessionAffinityConfig", value: ["clientIP": ["timeoutSeconds": 0]]),
            ],
            problem: "spec.sessionAffinityConfig.clientIP.timeoutSeconds: 0 is not between 1 and 86400"
        ),
        Case(
            name: "an affinity of more than a day",
            spec: [
                .init(name: "sessionAffinity", value: "ClientIP"),
                .init(name: "sessionAffinityConfig", value: ["clientIP": ["timeoutSeconds": 86_401]]),
            ],
            problem: "spec.sessionAffinityConfig.clientIP.timeoutSeconds: 86401 is not between 1 and 86400"
        ),
        Case(
            name: "an affinity of another shape",
            spec: [
                .init(name: "sessionAffinity", value: "ClientIP"), .init(name: "sessionAffinityConfig", value: 60),
            ],
            problem: "spec.sessionAffinityConfig: the integer 60 stands where an object is expected"
        ),
        Case(
            name: "a health check port that does not exist",
            spec: [.init(name: "healthCheckNodePort", value: 65_536)],
            problem: "spec.healthCheckNodePort: 65536 is not between 1 and 65535"
        ),
        Case(
            name: "external IPs that are no list",
            spec: [.init(name: "externalIPs", value: "198.51.100.7")],
            problem: #"spec.externalIPs: the text "198.51.100.7" stands where a list is expected"#
        ),
        Case(
            name: "source ranges that are no list",
            spec: [.init(name: "loadBalancerSourceRanges", value: "10.0.0.0/8")],
            problem: #"spec.loadBalancerSourceRanges: the text "10.0.0.0/8" stands where a list is expected"#
        ),
        Case(
            name: "a status of another shape",
            spec: [],
            status: "ready",
            problem: #"status: the text "ready" stands where an object is expected"#
        ),
        Case(
            name: "ingress points that are no list",
            spec: [],
            status: ["loadBalancer": ["ingress": 7]],
            problem: "status.loadBalancer.ingress: the integer 7 stands where a list is expected"
        ),
    ]

    @Test(arguments: cases)
    func `when one of them has no meaning`(_ example: Case) {
        let result = decode(external(example.spec, status: example.status))
        #expect(result.objects == [])
        #expect(
            result.problems.map { "\($0.field ?? ""): \($0.message)" } == [
                "\(example.problem); the Service is left out"
            ]
        )
    }
}
