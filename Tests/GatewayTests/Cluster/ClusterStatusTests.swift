import ClusterState
import IngressDiscovery
import KubernetesAPI
import Testing

@testable import Gateway

private typealias Address = Ingress.PublishedAddress

@Suite struct `The status of an Ingress` {
    private let start = ContinuousClock.now
    private let name = NamespacedName("default", "a")

    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let wanted: [Ingress.PublishedAddress]?
        let published: [Ingress.PublishedAddress]
        let body: String?

        init(
            _ description: String,
            _ wanted: [Ingress.PublishedAddress]?,
            _ published: [Ingress.PublishedAddress],
            _ body: String?
        ) {
            testDescription = description
            self.wanted = wanted
            self.published = published
            self.body = body
        }
    }

    static let one = Ingress.PublishedAddress(ip: "192.0.2.1")
    static let two = Ingress.PublishedAddress(ip: "192.0.2.2")
    static let host = Ingress.PublishedAddress(hostname: "lb.example")

    static let rows = [
        Row("has no address yet", [one], [], #"{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}"#),
        Row("is right", [one], [one], nil),
        Row("is right in another order", [one, two], [two, one], nil),
        Row("is wanted twice the same", [one, one], [one], nil),
        Row("has one too many", [one], [one, two], #"{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]}}}"#),
        Row("has a host name", [host], [one], #"{"status":{"loadBalancer":{"ingress":[{"hostname":"lb.example"}]}}}"#),
        Row(
            "is sorted",
            [two, one],
            [],
            #"{"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"},{"ip":"192.0.2.2"}]}}}"#
        ),
        Row("is not touched while the addresses are unknown", nil, [one], nil),
        Row("loses what nobody has any more", [], [one], #"{"status":{"loadBalancer":{"ingress":null}}}"#),
    ]

    @Test(arguments: rows)
    func `is written only when it differs`(_ row: Row) {
        var writer = StatusWriter()
        writer.served(name, published: row.published)
        writer.want(row.wanted)
        let writes = writer.next(now: start)
        #expect(writes.map(\.request.body) == [row.body].compactMap(\.self))
        let target = "/apis/networking.k8s.io/v1/namespaces/default/ingresses/a/status"
        #expect(writes.allSatisfy { $0.request.target == target && $0.request.method == .mergePatch })
        #expect(writer.next(now: start).isEmpty)
    }

    @Test func `is written once, and again when somebody changes it`() throws {
        var writer = StatusWriter()
        writer.want([Self.one])
        writer.served(name, published: [])
        let write = try #require(writer.next(now: start).first)
        writer.ended(write, status: 200, now: start)
        #expect(writer.next(now: start).isEmpty)
        writer.served(name, published: [Self.one])
        #expect(writer.next(now: start + .seconds(100)).isEmpty)
        writer.served(name, published: [Self.two])
        #expect(writer.next(now: start + .seconds(100)).count == 1)
    }

    @Test func `is written again when the watch has not shown it for a minute`() throws {
        var writer = StatusWriter()
        writer.want([Self.one])
        writer.served(name, published: [])
        let write = try #require(writer.next(now: start).first)
        writer.ended(write, status: 200, now: start)
        #expect(writer.nextDeadline == start + .seconds(60))
        #expect(writer.next(now: start + .seconds(59)).isEmpty)
        #expect(writer.next(now: start + .seconds(60)).count == 1)
    }

    @Test func `waits longer after each failure`() throws {
        var writer = StatusWriter()
        writer.want([Self.one])
        writer.served(name, published: [])
        var now = start
        for wait in [5, 10, 20, 40, 60, 60] {
            let write = try #require(writer.next(now: now).first)
            writer.ended(write, status: wait == 20 ? 500 : nil, now: now)
            #expect(writer.next(now: now + .seconds(wait) - .milliseconds(1)).isEmpty)
            now += .seconds(wait)
        }
        let write = try #require(writer.next(now: now).first)
        writer.ended(write, status: 200, now: now)
        #expect(writer.next(now: now).isEmpty)
    }

    @Test func `of another's Ingress is never written`() throws {
        var writer = StatusWriter()
        writer.want([Self.one])
        writer.served(name, published: [])
        writer.left(name)
        #expect(writer.next(now: start).isEmpty)
        // One that leaves while it is written to is not written again, and frees its place.
        writer.served(name, published: [])
        let write = try #require(writer.next(now: start).first)
        writer.left(name)
        writer.ended(write, status: nil, now: start)
        #expect(writer.next(now: start + .seconds(600)).isEmpty)
    }

    @Test func `is written for ten at once`() throws {
        var writer = StatusWriter()
        writer.want([Self.one])
        for number in 0..<25 { writer.served(NamespacedName("default", "i\(number)"), published: []) }
        var counts: [Int] = []
        while true {
            let writes = writer.next(now: start)
            if writes.isEmpty { break }
            counts.append(writes.count)
            for write in writes { writer.ended(write, status: 200, now: start) }
        }
        #expect(counts == [10, 10, 5])
    }

    @Test func `is cleared at the end where it is ours`() throws {
        var writer = StatusWriter()
        writer.want([Self.one])
        writer.served(name, published: [Self.one])
        writer.served(NamespacedName("default", "b"), published: [Self.two])
        writer.served(NamespacedName("default", "c"), published: [])
        writer.clear()
        #expect(!writer.isCleared)
        let writes = writer.next(now: start)
        #expect(writes.map(\.name) == [name])
        for write in writes { writer.ended(write, status: 200, now: start) }
        #expect(writer.isCleared)
        // Nothing puts it back.
        writer.want([Self.one])
        writer.served(name, published: [])
        #expect(writer.next(now: start + .seconds(600)).isEmpty)
    }

    @Test func `is cleared after a write that was under way`() throws {
        var writer = StatusWriter()
        writer.want([Self.one])
        writer.served(name, published: [])
        let write = try #require(writer.next(now: start).first)
        writer.clear()
        #expect(writer.next(now: start).isEmpty)
        writer.ended(write, status: 200, now: start)
        let clearing = try #require(writer.next(now: start).first)
        #expect(clearing.addresses.isEmpty)
        writer.ended(clearing, status: 500, now: start)
        // Nobody waits for a server that fails.
        #expect(writer.isCleared)
    }
}
