import KubernetesAPI
import NetworkAddress
import Testing

struct `A Service is read` {
    private func read(_ spec: ObjectValue) throws -> Service {
        let result = decode(service(spec))
        #expect(result.problems == [])
        guard case .service(let object) = try #require(result.objects.first) else {
            throw DecodingExpectation(message: "another kind")
        }
        return object
    }

    @Test func `with the defaults of the API server`() throws {
        let object = try read(["clusterIP": "10.96.0.10", "ports": [["port": 80]]])
        #expect(object.type == .clusterIP)
        #expect(object.clusterIPs == [IPAddress(10, 96, 0, 10)])
        #expect(object.selector == [:])
        #expect(object.externalTrafficPolicy == .cluster)
        #expect(object.internalTrafficPolicy == .cluster)
        #expect(!object.isHeadless)
        #expect(!object.publishNotReadyAddresses)
        let port = try #require(object.ports.first)
        #expect(port.name == "")
        #expect(port.transport == .tcp)
        #expect(port.targetPort == .number(port.port))
        #expect(port.nodePort == nil)
        #expect(object.metadata.namespace == "default")
        #expect(object.metadata.origin == "web.yaml document 1 (line 1)")
    }

    @Test func `with every field that counts`() throws {
        let result = decode([
            "kind": "Service", "apiVersion": "v1", "status": ["loadBalancer": [:]],
            "metadata": [
                "name": "dns", "namespace": "kube-system", "labels": ["app": "dns", "empty": nil],
                "creationTimestamp": "2026-05-04T03:02:01Z", "deletionTimestamp": "2026-05-05T03:02:01Z",
                "managedFields": [["manager": "kubectl"]],
            ],
            "spec": [
                "type": "NodePort", "clusterIP": "10.96.0.10", "clusterIPs": ["10.96.0.10", "fd00::a"],
                "selector": ["app": "dns"], "publishNotReadyAddresses": true, "externalTrafficPolicy": "Local",
                "internalTrafficPolicy": "Local", "sessionAffinity": "None", "unknown": [1, 2],
                "ports": [
                    ["name": "dns", "protocol": "UDP", "port": 53, "targetPort": 5353, "nodePort": 30053],
                    ["name": "dns-tcp", "protocol": "TCP", "port": 53, "targetPort": "dns-tcp", "nodePort": 30053],
                ],
            ],
        ])
        #expect(result.problems == [])
        let expected = Service(
            metadata: ObjectMetadata(
                namespace: "kube-system",
                name: "dns",
                labels: ["app": "dns", "empty": ""],
                creationTimestamp: "2026-05-04T03:02:01Z",
                isBeingDeleted: true,
                origin: "web.yaml document 1 (line 1)"
            ),
            type: .nodePort,
            clusterIPs: [IPAddress(10, 96, 0, 10), try #require(IPAddress(parsing: "fd00::a"))],
            selector: ["app": "dns"],
            ports: [
                .init(
                    name: "dns",
                    transport: .udp,
                    port: try #require(Port(53)),
                    targetPort: .number(try #require(Port(5353))),
                    nodePort: Port(30053)
                ),
                .init(
                    name: "dns-tcp",
                    transport: .tcp,
                    port: try #require(Port(53)),
                    targetPort: .name("dns-tcp"),
                    nodePort: Port(30053)
                ),
            ],
            publishNotReadyAddresses: true,
            externalTrafficPolicy: .local,
            internalTrafficPolicy: .local
        )
        #expect(result.objects == [.service(expected)])
    }

    @Test func `when its lists and objects are null, as clients print empty ones`() throws {
        let object = try read(["clusterIP": "None", "clusterIPs": nil, "ports": nil, "selector": nil])
        #expect(object.isHeadless)
        #expect(object.clusterIPs == [])
        #expect(object.ports == [])
    }

    @Test func `when its address has leading zeros, which do not count`() throws {
        let object = try read(["clusterIP": "010.096.000.001", "ports": [["port": 80]]])
        #expect(object.clusterIPs == [IPAddress(10, 96, 0, 1)])
    }

    @Test func `when it is only a name for another host`() throws {
        let object = try read(["type": "ExternalName", "externalName": "example.com"])
        #expect(object.type == .externalName)
        #expect(object.ports == [])
    }

    @Test func `when zeros and empty texts stand for absent fields`() throws {
        let object = try read([
            "clusterIP": "", "type": "",
            "ports": [["port": 80, "targetPort": 0, "nodePort": 0, "protocol": "", "name": ""]],
        ])
        #expect(object.clusterIPs == [])
        #expect(object.ports == [.init(port: try #require(Port(80)))])
    }
}

struct DecodingExpectation: Error {
    let message: String
}

struct `A Service is left out` {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let spec: ObjectValue
        let field: String
        let message: String

        init(_ name: String, _ spec: ObjectValue, _ field: String, _ message: String) {
            self.name = name
            self.spec = spec
            self.field = field
            self.message = message
        }

        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case("port 0", ["ports": [["port": 0]]], "spec.ports[0].port", "0 is not between 1 and 65535"),
        Case("port 70000", ["ports": [["port": 70000]]], "spec.ports[0].port", "70000 is not between 1 and 65535"),
        Case("negative port", ["ports": [["port": -1]]], "spec.ports[0].port", "-1 is not between 1 and 65535"),
        Case("no port number", ["ports": [["name": "http"]]], "spec.ports[0].port", "the port is missing"),
        Case(
            "port as text",
            ["ports": [["port": "80"]]],
            "spec.ports[0].port",
            #"the text "80" stands where a number is expected; write it without quotes"#
        ),
        Case("half a port", ["ports": [["port": 80.5]]], "spec.ports[0].port", "80.5 is not a whole number"),
        Case(
            "node port 70000",
            ["ports": [["port": 80], ["port": 81, "nodePort": 70000]]],
            "spec.ports[1].nodePort",
            "70000 is not between 1 and 65535"
        ),
        Case(
            "target port 70000",
            ["ports": [["port": 80, "targetPort": 70000]]],
            "spec.ports[0].targetPort",
            "70000 is not between 1 and 65535"
        ),
        Case(
            "target port in quotes",
            ["ports": [["port": 80, "targetPort": "8080"]]],
            "spec.ports[0].targetPort",
            #"the text "8080" names a container port and needs a letter; a number stands without quotes"#
        ),
        Case(
            "unknown protocol",
            ["ports": [["port": 80, "protocol": "tcp"]]],
            "spec.ports[0].protocol",
            #""tcp" is not TCP, UDP or SCTP"#
        ),
        Case(
            "invalid cluster IP",
            ["clusterIP": "10.96.0.300", "ports": [["port": 80]]],
            "spec.clusterIP",
            #""10.96.0.300" is not an IP address"#
        ),
        Case(
            "cluster IP with a prefix",
            ["clusterIPs": ["10.96.0.1/24"], "ports": [["port": 80]]],
            "spec.clusterIPs[0]",
            #""10.96.0.1/24" is not an IP address"#
        ),
        Case(
            "unspecified cluster IP",
            ["clusterIP": "0.0.0.0", "ports": [["port": 80]]],
            "spec.clusterIP",
            "0.0.0.0 is the unspecified address, not that of one host"
        ),
        Case(
            "IPv4-mapped cluster IP",
            ["clusterIP": "::ffff:10.0.0.1", "ports": [["port": 80]]],
            "spec.clusterIP",
            "::ffff:10.0.0.1 is an IPv4-mapped IPv6 address, which no packet carries; write it as 10.0.0.1"
        ),
        Case(
            "two cluster IPs of one family",
            ["clusterIPs": ["10.0.0.1", "10.0.0.2"], "ports": [["port": 80]]],
            "spec.clusterIPs[1]",
            "10.0.0.2 is a second address of the family of 10.0.0.1"
        ),
        Case(
            "an address beside None",
            ["clusterIP": "None", "clusterIPs": ["10.0.0.1"]],
            "spec.clusterIPs[0]",
            #""10.0.0.1" stands beside None"#
        ),
        Case("no ports", ["clusterIP": "10.0.0.1"], "spec.ports", "there is no port"),
        Case(
            "unknown type",
            ["type": "Clusterip", "ports": [["port": 80]]],
            "spec.type",
            #""Clusterip" is none of ClusterIP, NodePort, LoadBalancer, ExternalName"#
        ),
        Case(
            "unknown traffic policy",
            ["externalTrafficPolicy": "local", "ports": [["port": 80]]],
            "spec.externalTrafficPolicy",
            #""local" is none of Cluster, Local"#
        ),
        Case(
            "ports that are no list",
            ["ports": ["port": 80]],
            "spec.ports",
            "an object stands where a list is expected"
        ),
        Case(
            "a port that is no object",
            ["ports": [80]],
            "spec.ports[0]",
            "the integer 80 stands where an object is expected"
        ),
        Case(
            "two ports of one name",
            ["ports": [["name": "a", "port": 80], ["name": "a", "port": 81]]],
            "spec.ports[1].name",
            "a is already the name of ports[0]"
        ),
        Case(
            "two ports without names",
            ["ports": [["port": 80], ["port": 81]]],
            "spec.ports[0].name",
            "the name is missing, which only a single port may do without"
        ),
        Case(
            "two ports of one number",
            ["ports": [["name": "a", "port": 80], ["name": "b", "port": 80]]],
            "spec.ports[1].port",
            "TCP 80 is already that of ports[0]"
        ),
        Case(
            "two ports of one node port",
            ["ports": [["name": "a", "port": 80, "nodePort": 30000], ["name": "b", "port": 81, "nodePort": 30000]]],
            "spec.ports[1].nodePort",
            "TCP 30000 is already that of ports[0]"
        ),
        Case(
            "a selector with a plain number",
            ["selector": ["tier": 80], "ports": [["port": 80]]],
            "spec.selector[tier]",
            #"the integer 80 stands where text is expected; quote it: "80""#
        ),
        Case(
            "a truth value as text",
            ["publishNotReadyAddresses": "true", "ports": [["port": 80]]],
            "spec.publishNotReadyAddresses",
            #"the text "true" stands where true or false is expected"#
        ),
    ]

    @Test(arguments: cases)
    func `when a field is invalid, which is named with its value and the rule`(_ test: Case) {
        let result = decode(service(test.spec))
        #expect(result.objects == [])
        #expect(result.leftOut == [ObjectReference(kind: .service, namespace: "default", name: "web")])
        let expected = ObjectProblem(
            origin: "web.yaml document 1 (line 1)",
            object: "Service default/web",
            field: test.field,
            message: "\(test.message); the Service is left out"
        )
        #expect(result.problems == [expected])
    }

    @Test func `when its spec is something else`() {
        let result = decode(service("oops"))
        #expect(
            result.problems.map(\.description) == [
                "web.yaml document 1 (line 1): Service default/web: spec: the text \"oops\" stands where an object is "
                    + "expected; the Service is left out"
            ]
        )
    }
}
