import APIServerTestKit
import KubeConfig
import ListWatch
import Testing

@testable import ClusterState

@Suite(.serialized) struct `A single request` {
    private func source(_ server: StandInAPIServer, _ limits: APIRequestLimits = APIRequestLimits()) throws -> Reader {
        try Reader(access(to: server), [], limits: limits)
    }

    @Test func `is sent, and answered once`() throws {
        let server = try StandInAPIServer()
        defer { server.stop() }
        let reader = try source(server)
        let body = #"{"kind":"Event"}"#
        let id = try #require(reader.source.enqueue(APIRequest(.post, "/api/v1/namespaces/default/events", body: body)))
        let patch = try #require(reader.source.enqueue(APIRequest(.mergePatch, "/x/status", body: "{}")))
        var results: [APIResult] = []
        #expect(
            reader.run {
                results += reader.source.takeResults()
                return results.count == 2
            }
        )
        #expect(results.map(\.id) == [id, patch])
        #expect(try results[0].outcome.get() == APIResult.Answer(status: 201, body: Array(body.utf8)))
        #expect(server.requests.map(\.method) == ["POST", "PATCH"])
        #expect(
            server.requests.map { $0.fields["content-type"] } == ["application/json", "application/merge-patch+json"]
        )
    }

    @Test func `fails with a reason when the server is away`() throws {
        let server = try StandInAPIServer()
        defer { server.stop() }
        server.fail(ServerFault(.cut(afterBytes: 10)))
        let reader = try source(server)
        _ = reader.source.enqueue(APIRequest(.put, "/x", body: "{}"))
        var results: [APIResult] = []
        #expect(
            reader.run {
                results += reader.source.takeResults()
                return !results.isEmpty
            }
        )
        #expect(throws: APIResult.Failure(description: "the server closed the connection")) {
            try results[0].outcome.get()
        }
    }

    @Test func `goes out again when the server asked for a pause or for other credentials`() throws {
        let server = try StandInAPIServer()
        defer { server.stop() }
        server.fail(ServerFault(.answer(status: 429, fields: ["Retry-After: 1"])))
        server.fail(ServerFault(.answer(status: 401)))
        let reader = try source(server)
        _ = reader.source.enqueue(APIRequest(.put, "/x", body: "{}"))
        var results: [APIResult] = []
        #expect(
            reader.run {
                results += reader.source.takeResults()
                return !results.isEmpty
            }
        )
        #expect(try results.map { try $0.outcome.get().status } == [201])
        #expect(server.requests.count == 3)
    }

    @Test func `is refused when too many wait`() throws {
        let server = try StandInAPIServer()
        defer { server.stop() }
        var limits = APIRequestLimits()
        limits.waitingMax = 3
        limits.burst = 2
        let reader = try source(server, limits)
        let ids = (0..<5).map { _ in reader.source.enqueue(APIRequest(.get, "/x")) }
        #expect(ids == [1, 2, 3, nil, nil])
        #expect(reader.run { server.requests.count == 3 })
    }

    @Test func `is sent over again when a kept connection turns out to be dead`() throws {
        let server = try StandInAPIServer()
        defer { server.stop() }
        let reader = try source(server)
        var results: [APIResult] = []
        for round in 1...3 {
            _ = reader.source.enqueue(APIRequest(.put, "/x", body: "{}"))
            #expect(
                reader.run {
                    results += reader.source.takeResults()
                    return results.count == round
                }
            )
            server.hangUp()
        }
        #expect(try results.map { try $0.outcome.get().status } == [201, 201, 201])
    }
}
