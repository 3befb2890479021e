import KubernetesAPI
import NetworkAddress
import Testing

struct `A Node is read` {
    private func read(_ spec: ObjectValue, _ status: ObjectValue) throws -> (Node, [String]) {
        let result = decode([
            "apiVersion": "v1", "kind": "Node", "metadata": ["name": "node-1", "labels": ["zone": "a"]],
            "spec": spec, "status": status,
        ])
        guard case .node(let node) = try #require(result.objects.first) else {
            throw DecodingExpectation(message: "another kind")
        }
        return (node, result.problems.map { "\($0.field ?? ""): \($0.message)" })
    }

    @Test func `with its addresses and its pod ranges`() throws {
        let (node, problems) = try read(
            ["podCIDR": "10.244.0.0/24", "podCIDRs": ["10.244.0.0/24", "fd00:1::/64"]],
            [
                "addresses": [
                    ["type": "InternalIP", "address": "192.168.1.2"], ["type": "Hostname", "address": "node-1"],
                    ["type": "ExternalIP", "address": "203.0.113.9"], ["type": "InternalIP", "address": "fd00::2"],
                ]
            ]
        )
        #expect(problems == [])
        #expect(node.internalIPs.map(\.description) == ["192.168.1.2", "fd00::2"])
        #expect(node.externalIPs.map(\.description) == ["203.0.113.9"])
        #expect(node.podCIDRs.map(\.description) == ["10.244.0.0/24", "fd00:1::/64"])
        #expect(node.metadata.labels == ["zone": "a"])
        #expect(node.metadata.namespace == "")
    }

    @Test func `with the older single pod range`() throws {
        let (node, problems) = try read(["podCIDR": "10.244.0.0/24"], nil)
        #expect(problems == [])
        #expect(node.podCIDRs.map(\.description) == ["10.244.0.0/24"])
    }

    @Test func `without what is invalid`() throws {
        let (node, problems) = try read(
            ["podCIDRs": ["10.244.0.0", 7]],
            ["addresses": [["type": "InternalIP", "address": "node"], ["type": "InternalIP", "address": "10.0.0.1"]]]
        )
        #expect(node.internalIPs == [IPAddress(10, 0, 0, 1)])
        #expect(node.podCIDRs == [])
        #expect(
            problems == [
                #"status.addresses[0].address: "node" is not an IP address; this address is left out"#,
                #"spec.podCIDRs[0]: the text "10.244.0.0" is not an address range; this range is left out"#,
                "spec.podCIDRs[1]: the integer 7 is not an address range; this range is left out",
            ]
        )
    }
}

struct `A Pod is read` {
    private func read(_ spec: ObjectValue, _ status: ObjectValue) throws -> (Pod, [String]) {
        let result = decode([
            "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "web-0"], "spec": spec, "status": status,
        ])
        guard case .pod(let pod) = try #require(result.objects.first) else {
            throw DecodingExpectation(message: "another kind")
        }
        return (pod, result.problems.map { "\($0.field ?? ""): \($0.message)" })
    }

    @Test func `with its addresses, its node and the ports that can be reached`() throws {
        let (pod, problems) = try read(
            [
                "nodeName": "node-1",
                "containers": [
                    ["name": "a", "ports": [["name": "http", "containerPort": 8080]]],
                    ["name": "b", "ports": nil],
                    ["name": "c", "ports": [["containerPort": 53, "protocol": "UDP"]]],
                ],
                "initContainers": [
                    ["name": "once", "ports": [["name": "setup", "containerPort": 1]]],
                    [
                        "name": "sidecar", "restartPolicy": "Always",
                        "ports": [["name": "mesh", "containerPort": 15000]],
                    ],
                ],
            ],
            [
                "phase": "Running", "podIP": "10.1.0.9", "podIPs": [["ip": "10.1.0.9"], ["ip": "fd00::9"]],
                "conditions": [["type": "Initialized", "status": "True"], ["type": "Ready", "status": "True"]],
            ]
        )
        #expect(problems == [])
        #expect(pod.podIPs.map(\.description) == ["10.1.0.9", "fd00::9"])
        #expect(pod.nodeName == "node-1")
        #expect(pod.isReady)
        #expect(!pod.hasEnded)
        #expect(
            pod.containerPorts == [
                .init(name: "http", port: try #require(Port(8080))),
                .init(transport: .udp, port: try #require(Port(53))),
                .init(name: "mesh", port: try #require(Port(15000))),
            ]
        )
    }

    @Test(
        arguments: [
            (nil, true), ([], true), ([["type": "Ready", "status": "False"]], false),
            ([["type": "Initialized", "status": "True"]], false),
        ] as [(ObjectValue, Bool)]
    )
    func `as ready when its condition says so or it has none`(_ conditions: ObjectValue, _ isReady: Bool) throws {
        #expect(try read([:], ["conditions": conditions]).0.isReady == isReady)
    }

    @Test(arguments: [("Succeeded", true), ("Failed", true), ("Running", false), ("Pending", false)])
    func `as ended by its phase`(_ phase: String, _ hasEnded: Bool) throws {
        #expect(try read([:], ["phase": .string(phase)]).0.hasEnded == hasEnded)
    }

    @Test func `with the older single address, and without any while it waits`() throws {
        #expect(try read([:], ["podIP": "10.1.0.9"]).0.podIPs == [IPAddress(10, 1, 0, 9)])
        #expect(try read([:], nil).0.podIPs == [])
        #expect(try read([:], ["podIP": "", "podIPs": nil]).0.podIPs == [])
    }

    @Test func `without what is invalid`() throws {
        let (pod, problems) = try read(
            ["containers": [["ports": [["containerPort": 0], ["containerPort": 80], ["name": "x"]]]]],
            ["podIPs": [["ip": "a"], ["ip": "10.1.0.9"]]]
        )
        #expect(pod.containerPorts.map(\.port.description) == ["80"])
        #expect(pod.podIPs == [IPAddress(10, 1, 0, 9)])
        #expect(
            problems == [
                "spec.containers[0].ports[0].containerPort: 0 is not between 1 and 65535; this port is left out",
                "spec.containers[0].ports[2].containerPort: the port is missing; this port is left out",
                #"status.podIPs[0].ip: "a" is not an IP address; this address is left out"#,
            ]
        )
    }
}
