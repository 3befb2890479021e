import APIServerTestKit
import KubernetesAPI
import ListWatch
import Testing

@testable import ClusterState

/// The ways to learn what there is, both of which must lead to the same.
enum Dialect: String, CaseIterable, Sendable {
    case watchList, list

    var behaviour: ServerBehaviour {
        var behaviour = ServerBehaviour()
        behaviour.watchList = self == .watchList ? .supported : .refused
        return behaviour
    }
}

@Suite(.serialized) struct `An API server as a source` {
    @Test(arguments: Dialect.allCases)
    func `tells what there is, and what becomes of it`(_ dialect: Dialect) throws {
        let server = try StandInAPIServer(dialect.behaviour)
        defer { server.stop() }
        server.apply([service("a"), service("b")], to: Paths.services)
        let reader = try Reader(server)
        #expect(reader.run { reader.names == ["a", "b"] })

        server.apply(service("c"), to: Paths.services)
        #expect(reader.run { reader.names == ["a", "b", "c"] })
        server.apply(service("a", port: 8081), to: Paths.services)
        #expect(reader.run { reader.port(of: "a") == 8081 })
        server.delete("b", from: Paths.services)
        #expect(reader.run { reader.names == ["a", "c"] })
        #expect(reader.problems == [])
        #expect(reader.source.listCount(of: .services) == (dialect == .watchList ? 1 : 2))
    }

    @Test func `asks as kube-proxy does`() throws {
        let server = try StandInAPIServer()
        defer { server.stop() }
        let reader = try Reader(server, WatchedResource.agent(nodeName: "node-1"))
        #expect(reader.run { reader.source.hasSynced })
        let requests = Dictionary(grouping: server.requests, by: \.path)
        let labels = "!service.kubernetes.io/headless,!service.kubernetes.io/service-proxy-name"
        #expect(requests[Paths.services]?.first?.query["labelSelector"] == labels)
        #expect(requests[Paths.services]?.first?.query["fieldSelector"] == "spec.clusterIP!=None")
        #expect(requests[Paths.slices]?.first?.query["labelSelector"] == labels)
        #expect(requests[Paths.nodes]?.first?.query["fieldSelector"] == "metadata.name=node-1")
        #expect(requests[Paths.serviceCIDRs]?.first?.query["labelSelector"] == nil)
        let request = try #require(requests[Paths.services]?.first)
        #expect(request.query["sendInitialEvents"] == "true")
        #expect(request.query["resourceVersionMatch"] == "NotOlderThan")
        #expect(request.query["allowWatchBookmarks"] == "true")
        #expect(request.query["timeoutSeconds"].flatMap(Int.init).map { (300...600).contains($0) } == true)
        #expect(request.fields["user-agent"] == "fairlead/test (linux/amd64)")
        #expect(request.fields["accept"] == "application/json")
    }

    @Test func `follows labels that begin and cease to fit`() throws {
        let server = try StandInAPIServer()
        defer { server.stop() }
        server.apply(service("a"), to: Paths.services)
        server.apply(service("b", labels: ["service.kubernetes.io/headless": ""]), to: Paths.services)
        let reader = try Reader(server)
        #expect(reader.run { reader.names == ["a"] })
        server.apply(service("b"), to: Paths.services)
        server.apply(service("a", labels: ["service.kubernetes.io/service-proxy-name": "other"]), to: Paths.services)
        #expect(reader.run { reader.names == ["b"] })
    }

    @Test func `asks without a field that the server does not know`() throws {
        let server = try StandInAPIServer()
        defer { server.stop() }
        server.behave { $0.unknownFields = ["spec.clusterIP"] }
        server.apply(service("a"), to: Paths.services)
        let reader = try Reader(server)
        #expect(reader.run { reader.names == ["a"] })
        #expect(reader.problems == [])
    }

    @Test func `does without an API that only new servers have`() throws {
        let server = try StandInAPIServer()
        defer { server.stop() }
        server.behave { $0.unknownCollections = [Paths.serviceCIDRs] }
        server.apply(service("a"), to: Paths.services)
        let reader = try Reader(server, [.services, .serviceCIDRs])
        #expect(reader.run { reader.names == ["a"] })
        #expect(reader.problems == [])
    }

    @Test func `tells nothing before everything was received once`() throws {
        let server = try StandInAPIServer()
        defer { server.stop() }
        server.apply(service("a"), to: Paths.services)
        server.apply(slice("a-1", of: "a", addresses: ["10.0.0.1"]), to: Paths.slices)
        server.fail(ServerFault(.answer(status: 503), collection: "endpointslices"))
        let reader = try Reader(server, [.services, .endpointSlices])
        reader.run { reader.source.hasSynced(.services) }
        #expect(!reader.source.hasSynced)
        #expect(reader.objects.isEmpty)
        #expect(reader.run { reader.source.hasSynced })
        #expect(reader.names == ["a", "a-1"])
    }

    @Test(arguments: [1, 2, 7, 64, 1000], [false, true])
    func `reads lists and events in chunks of any size, compressed or not`(_ chunk: Int, _ compresses: Bool) throws {
        var behaviour = ServerBehaviour()
        behaviour.watchList = .refused
        behaviour.chunkBytes = chunk
        behaviour.compresses = compresses
        let server = try StandInAPIServer(behaviour)
        defer { server.stop() }
        server.apply((0..<40).map { service("s\($0)") }, to: Paths.services)
        server.apply(slice("empty", of: "s1", addresses: []), to: Paths.slices)
        let reader = try Reader(server, [.services, .endpointSlices])
        #expect(reader.run { reader.objects.count == 41 })
        server.apply(service("s3", port: 81), to: Paths.services)
        #expect(reader.run { reader.port(of: "s3") == 81 })
        #expect(reader.problems == [])
    }

    @Test func `leaves the loop its turns while much is received`() throws {
        var behaviour = ServerBehaviour()
        behaviour.watchList = .refused
        let server = try StandInAPIServer(behaviour)
        defer { server.stop() }
        server.apply((0..<8000).map { service("s\($0)") }, to: Paths.services)
        let reader = try Reader(server)
        var turns = 0
        #expect(
            reader.run {
                turns += 1
                return reader.objects.count == 8000
            }
        )
        // A turn takes a mebibyte at most, and the list has six.
        #expect(turns > 5)
    }

    @Test func `follows other resources when it is told to`() throws {
        let server = try StandInAPIServer()
        defer { server.stop() }
        server.apply(service("a"), to: Paths.services)
        server.apply(slice("a-1", of: "a", addresses: ["10.0.0.1"]), to: Paths.slices)
        let reader = try Reader(server)
        #expect(reader.run { reader.names == ["a"] })
        reader.source.follow([.services, .endpointSlices])
        #expect(reader.run { reader.names == ["a", "a-1"] })
        reader.source.follow([.endpointSlices])
        #expect(reader.run { reader.names == ["a-1"] })
    }

    @Test func `leaves out what cannot be read, and says so until it can`() throws {
        let server = try StandInAPIServer()
        defer { server.stop() }
        server.apply([service("a"), service("b", port: 70_000)], to: Paths.services)
        let reader = try Reader(server)
        #expect(reader.run { reader.names == ["a"] })
        #expect(reader.problems.map(\.object) == ["Service default/b"])
        server.apply(service("b"), to: Paths.services)
        #expect(reader.run { reader.names == ["a", "b"] })
        #expect(reader.problems == [])
        server.apply(service("b", port: 70_000), to: Paths.services)
        #expect(reader.run { reader.names == ["a"] && !reader.problems.isEmpty })
    }
}
