import ClusterState
import IngressDiscovery
import KubernetesAPI
import ListWatch
import NetworkAddress
import Testing

@testable import Gateway

@Suite struct `The gateway's pods` {
    private let start = ContinuousClock.now
    private typealias Address = Ingress.PublishedAddress

    private static let ownPod = """
        {"metadata":{"name":"gw-1","labels":{"app":"gw","pod-template-hash":"5d4","tier":"edge"}}}
        """

    private static func pod(_ name: String, node: String, ready: Bool = true, phase: String = "Running") -> String {
        #"{"metadata":{"name":"\#(name)"},"spec":{"nodeName":"\#(node)"},"status":{"phase":"\#(phase)","#
            + #""conditions":[{"type":"Ready","status":"\#(ready ? "True" : "False")"}]}}"#
    }

    private static func node(_ addresses: (String, String)...) -> String {
        let list = addresses.map { #"{"type":"\#($0.0)","address":"\#($0.1)"}"# }.joined(separator: ",")
        return #"{"status":{"addresses":[\#(list)]}}"#
    }

    private static let answers = [
        "/api/v1/namespaces/gw/pods/gw-1": ownPod,
        "/api/v1/namespaces/gw/pods?labelSelector=app%3Dgw%2Ctier%3Dedge":
            "{\"items\":["
            + [
                pod("gw-1", node: "n1"), pod("gw-2", node: "n2"), pod("gw-3", node: "n3", ready: false),
                pod("gw-4", node: "n4", phase: "Failed"), pod("gw-5", node: "n2"), pod("gw-6", node: "gone"),
            ].joined(separator: ",") + "]}",
        "/api/v1/nodes/n1": node(("InternalIP", "10.0.0.1"), ("ExternalIP", "203.0.113.1")),
        "/api/v1/nodes/n2": node(("Hostname", "n2"), ("InternalIP", "10.0.0.2")),
    ]

    /// Asks until there is nothing more to ask for, and returns what was asked.
    private func run(_ pods: inout GatewayPods, at now: ContinuousClock.Instant) throws -> [String] {
        var asked: [String] = []
        while let request = pods.next(now: now) {
            asked.append(request.target)
            let body = try Self.answers[request.target].map { try JSONReader.value(of: Array($0.utf8).span) }
            pods.ended(status: body == nil ? 404 : 200, body: body, now: now)
        }
        return asked
    }

    @Test(arguments: [false, true])
    func `are on nodes whose addresses are published`(_ usesInternal: Bool) throws {
        let pod = NamespacedName("gw", "gw-1")
        var pods = GatewayPods(pod: pod, usesInternalAddresses: usesInternal, now: start)
        let asked = try run(&pods, at: start)
        #expect(asked.count == 5)
        #expect(pods.addresses?.map(\.ip) == (usesInternal ? ["10.0.0.1", "10.0.0.2"] : ["203.0.113.1", "10.0.0.2"]))
        #expect(pods.otherCount == 4)
        #expect(pods.problem == nil)
        // A minute later, and not before; the labels are known.
        #expect(pods.nextDeadline == start + .seconds(60))
        let later = try run(&pods, at: start + .seconds(60))
        #expect(later.count == 4)
    }

    @Test func `are counted at the end`() throws {
        let pod = NamespacedName("gw", "gw-1")
        var pods = GatewayPods(pod: pod, usesInternalAddresses: false, now: start)
        pods.count(now: start)
        #expect(pods.otherCount == nil)
        let asked = try run(&pods, at: start)
        #expect(asked.count == 2)
        #expect(pods.otherCount == 4)
    }

    @Test func `cannot be asked for`() {
        let pod = NamespacedName("gw", "gw-1")
        var pods = GatewayPods(pod: pod, usesInternalAddresses: false, now: start)
        _ = pods.next(now: start)
        pods.ended(status: 403, body: nil, now: start)
        #expect(pods.problem == "cannot get the own pod gw/gw-1: the server answered 403")
        #expect(pods.addresses == nil)
        #expect(pods.nextDeadline == start + .seconds(10))
    }

    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let service: Service
        let addresses: [Ingress.PublishedAddress]

        init(_ description: String, _ addresses: [Ingress.PublishedAddress], _ change: (inout Service) -> Void) {
            testDescription = description
            var service = Service(metadata: ObjectMetadata(name: "front"), clusterIPs: [IPAddress(10, 96, 0, 7)])
            change(&service)
            self.service = service
            self.addresses = addresses
        }
    }

    static let rows = [
        Row("a cluster IP", [.init(ip: "10.96.0.7")]) { $0.type = .clusterIP },
        Row("node ports", [.init(ip: "10.96.0.7")]) { $0.type = .nodePort },
        Row("node ports with external addresses", [.init(ip: "192.0.2.9")]) {
            $0.type = .nodePort
            $0.externalIPs = [IPAddress(192, 0, 2, 9), nil]
        },
        Row("a load balancer that is not there yet", []) { $0.type = .loadBalancer },
        Row("a load balancer", [.init(ip: "192.0.2.1"), .init(hostname: "lb.example"), .init(ip: "192.0.2.9")]) {
            $0.type = .loadBalancer
            $0.loadBalancerIngress = [
                .init(address: IPAddress(192, 0, 2, 1)), .init(address: nil, hostname: "lb.example"),
            ]
            $0.externalIPs = [IPAddress(192, 0, 2, 9)]
        },
        Row("an external name", [.init(hostname: "edge.example")]) {
            $0.type = .externalName
            $0.externalName = "edge.example"
        },
    ]

    @Test(arguments: rows)
    func `stand behind a Service`(_ row: Row) {
        #expect(row.service.publishedAddresses == row.addresses)
    }
}
