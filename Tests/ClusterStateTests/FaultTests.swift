import APIServerTestKit
import KubeConfig
import KubernetesAPI
import ListWatch
import Testing

@testable import ClusterState

/// What goes wrong, and that nothing which was told is taken back for it.
@Suite(.serialized) struct `An API server that fails` {
    /// A source that has been told of two Services by a server.
    private func followed(_ behaviour: ServerBehaviour = ServerBehaviour()) throws -> (StandInAPIServer, Reader) {
        let server = try StandInAPIServer(behaviour)
        server.apply([service("a"), service("b")], to: Paths.services)
        let reader = try Reader(server)
        #expect(reader.run { reader.names == ["a", "b"] })
        return (server, reader)
    }

    @Test func `goes on from where a watch ended`() throws {
        let (server, reader) = try followed()
        defer { server.stop() }
        let version = server.version
        server.hangUp()
        server.apply(service("c"), to: Paths.services)
        #expect(reader.run { reader.names == ["a", "b", "c"] })
        #expect(reader.source.listCount(of: .services) == 1)
        #expect(server.requests.last?.query["resourceVersion"] == "\(version)")
        #expect(reader.removals == [])
    }

    @Test func `goes on from the version of the last bookmark`() throws {
        let (server, reader) = try followed()
        defer { server.stop() }
        server.passTime()
        let version = server.version
        server.sendBookmarks()
        server.endWatches()
        // Everything before is forgotten, and yet no list is needed.
        server.compact()
        #expect(reader.run { server.requests.last?.query["resourceVersion"] == "\(version)" })
        server.apply(service("d"), to: Paths.services)
        #expect(reader.run { reader.names == ["a", "b", "d"] })
        #expect(reader.source.listCount(of: .services) == 1)
    }

    @Test func `watches again at once when the server ends a watch in time`() throws {
        let (server, reader) = try followed()
        defer { server.stop() }
        server.endWatches()
        server.apply(service("c"), to: Paths.services)
        #expect(reader.run { reader.names == ["a", "b", "c"] })
        server.endWatches()
        server.apply(service("d"), to: Paths.services)
        #expect(reader.run { reader.names == ["a", "b", "c", "d"] })
        #expect(reader.source.listCount(of: .services) == 1)
        #expect(reader.removals == [])
    }

    @Test(arguments: Dialect.allCases)
    func `lists again when history is forgotten, and removes only what is gone`(_ dialect: Dialect) throws {
        let (server, reader) = try followed(dialect.behaviour)
        defer { server.stop() }
        server.hangUp()
        server.goDown(true)
        server.delete("b", from: Paths.services)
        server.apply(service("c"), to: Paths.services)
        server.compact()
        let told = reader.changeCount
        server.goDown(false)
        #expect(reader.run { reader.names == ["a", "c"] })
        #expect(reader.removals.map(\.name) == ["b"])
        // The Service that did not change is not told again.
        #expect(reader.changeCount == told + 2)
    }

    @Test func `answers 410 to a watch`() throws {
        let (server, reader) = try followed()
        defer { server.stop() }
        let gone = #"{"kind":"Status","code":410,"reason":"Gone","message":"too old resource version: 1 (2)"}"#
        server.fail(ServerFault(.answer(status: 410, body: gone), isWatch: true))
        server.hangUp()
        server.delete("a", from: Paths.services)
        #expect(reader.run { reader.names == ["b"] })
        #expect(reader.source.listCount(of: .services) == 2)
        #expect(reader.removals.map(\.name) == ["a"])
    }

    @Test func `says 410 within a watch`() throws {
        let (server, reader) = try followed()
        defer { server.stop() }
        let gone = #"{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}"# + "\n"
        server.say(gone, inWatchOf: Paths.services)
        #expect(reader.run { reader.source.listCount(of: .services) == 2 && reader.source.hasSynced })
        server.apply(service("c"), to: Paths.services)
        #expect(reader.run { reader.names == ["a", "b", "c"] })
        #expect(reader.removals == [])
    }

    @Test func `forgets the token of a page, so that the list begins anew in one piece`() throws {
        var behaviour = ServerBehaviour()
        behaviour.watchList = .refused
        let server = try StandInAPIServer(behaviour)
        defer { server.stop() }
        server.apply((0..<1200).map { service("s\($0)") }, to: Paths.services)
        let reader = try Reader(server)
        #expect(reader.run { reader.objects.count == 1200 })
        server.goDown(true)
        server.passTime()
        server.delete("s7", from: Paths.services)
        server.compact()
        // The second page is refused.
        let expired = #"{"kind":"Status","code":410,"reason":"Expired"}"#
        server.fail(ServerFault(.answer(status: 410, body: expired), isWatch: false, skipping: 1))
        server.goDown(false)
        #expect(reader.run { reader.objects.count == 1199 })
        #expect(reader.removals.map(\.name) == ["s7"])
        let limits = server.requests.filter { !$0.isWatch }.map { $0.query["limit"] }
        #expect(limits == ["500", "500", "500", nil])
    }

    @Test func `sends a list in pages`() throws {
        var behaviour = ServerBehaviour()
        behaviour.watchList = .refused
        let server = try StandInAPIServer(behaviour)
        defer { server.stop() }
        server.apply(service("a"), to: Paths.services)
        let reader = try Reader(server)
        #expect(reader.run { reader.names == ["a"] })
        server.goDown(true)
        server.apply((0..<1234).map { service("s\($0)") }, to: Paths.services)
        server.compact()
        server.goDown(false)
        #expect(reader.run { reader.objects.count == 1235 })
        let pages = server.requests.filter { !$0.isWatch }.dropFirst()
        #expect(pages.map { $0.query["continue"] != nil } == [false, true, true])
        #expect(pages.allSatisfy { $0.query["resourceVersion"] == nil })
    }

    @Test func `fails in the middle of a list, which then goes on with the same page`() throws {
        var behaviour = ServerBehaviour()
        behaviour.watchList = .refused
        let server = try StandInAPIServer(behaviour)
        defer { server.stop() }
        server.apply((0..<600).map { service("s\($0)") }, to: Paths.services)
        let reader = try Reader(server)
        #expect(reader.run { reader.objects.count == 600 })
        server.passTime()
        server.compact()
        server.fail(ServerFault(.answer(status: 500), isWatch: false, skipping: 1))
        server.hangUp()
        let told = reader.changeCount
        #expect(
            reader.run { server.requests.filter { !$0.isWatch }.count == 4 && server.requests.last?.isWatch == true }
        )
        let pages = server.requests.filter { !$0.isWatch }.dropFirst()
        #expect(pages.map { $0.query["continue"] != nil } == [false, true, true])
        #expect(reader.removals == [])
        #expect(reader.changeCount == told)
    }

    @Test func `is restored from a backup with an older version`() throws {
        let (server, reader) = try followed()
        defer { server.stop() }
        server.apply(service("c"), to: Paths.services)
        #expect(reader.run { reader.names == ["a", "b", "c"] })
        server.restore([Paths.services: [service("a", port: 8082), service("b")]], version: 7)
        #expect(reader.run { reader.names == ["a", "b"] && reader.port(of: "a") == 8082 })
        #expect(reader.removals.map(\.name) == ["c"])
    }

    @Test func `goes back in time without closing the watch`() throws {
        let (server, reader) = try followed()
        defer { server.stop() }
        server.sendBookmarks(version: 5)
        #expect(reader.run { reader.source.listCount(of: .services) == 2 })
        server.apply(service("c"), to: Paths.services)
        #expect(reader.run { reader.names == ["a", "b", "c"] })
        #expect(reader.removals == [])
    }

    @Test func `says things twice and in the wrong order`() throws {
        let (server, reader) = try followed()
        defer { server.stop() }
        let before = server.version
        server.apply(service("a", port: 8083), to: Paths.services)
        #expect(reader.run { reader.port(of: "a") == 8083 })
        let told = reader.changeCount
        let old = service("a", port: 1).text.split(separator: "@version@").joined(separator: "\(before)")
        let same = service("a", port: 2).text.split(separator: "@version@").joined(separator: "\(server.version)")
        server.say(
            #"{"type":"MODIFIED","object":\#(same)}"# + "\n" + #"{"type":"MODIFIED","object":\#(old)}"# + "\n"
                + #"{"type":"DELETED","object":\#(old)}"# + "\n",
            inWatchOf: Paths.services
        )
        server.apply(service("c"), to: Paths.services)
        #expect(reader.run { reader.names == ["a", "b", "c"] })
        #expect(reader.port(of: "a") == 8083)
        #expect(reader.changeCount == told + 1)
        #expect(reader.removals == [])
    }

    @Test(arguments: [
        "{\"type\":\"ADDED\",\"object\":{\"metadata\"", "{\"type\":\"DELETED\",\"object\":{}}\n{]\n", "no JSON\n",
    ])
    func `sends what is no event`(_ text: String) throws {
        let (server, reader) = try followed()
        defer { server.stop() }
        server.fail(ServerFault(.body(text), isWatch: true))
        server.hangUp()
        server.apply(service("c"), to: Paths.services)
        #expect(reader.run { reader.names == ["a", "b", "c"] })
        #expect(reader.removals == [])
    }

    @Test(arguments: [#"{"kind":"ServiceList","metadata":{"resourceVersion":"1"},"items":[{"metadata"#, "[]", "{}", ""])
    func `sends what is no list`(_ text: String) throws {
        var behaviour = ServerBehaviour()
        behaviour.watchList = .refused
        let (server, reader) = try followed(behaviour)
        defer { server.stop() }
        server.compact()
        server.fail(ServerFault(.body(text), isWatch: false))
        server.hangUp()
        server.apply(service("c"), to: Paths.services)
        server.compact()
        #expect(reader.run { reader.names == ["a", "b", "c"] })
        #expect(reader.removals == [])
    }

    @Test func `is away for a while`() throws {
        let (server, reader) = try followed()
        defer { server.stop() }
        server.goDown(true)
        #expect(reader.run { !reader.problems.isEmpty })
        let problem = try #require(reader.problems.first)
        #expect(problem.message.hasPrefix("cannot watch services: "))
        #expect(reader.names == ["a", "b"])
        server.goDown(false)
        server.apply(service("c"), to: Paths.services)
        #expect(reader.run { reader.names == ["a", "b", "c"] && reader.problems.isEmpty })
        #expect(reader.removals == [])
    }

    @Test func `stands still with its connections open`() throws {
        let (server, reader) = try followed()
        defer { server.stop() }
        server.pause(true)
        server.apply(service("c"), to: Paths.services)
        for _ in 0..<20 { reader.step() }
        #expect(reader.names == ["a", "b"])
        #expect(reader.problems == [])
        server.pause(false)
        #expect(reader.run { reader.names == ["a", "b", "c"] })
        #expect(reader.source.listCount(of: .services) == 1)
    }

    @Test func `refuses a token until a new one is in the file`() throws {
        let folder = try TemporaryFolder()
        try folder.write("token", "old\n")
        let server = try StandInAPIServer()
        defer { server.stop() }
        server.behave { $0.tokens = ["old"] }
        server.apply(service("a"), to: Paths.services)
        var access = access(to: server)
        access.credential = .tokenFile(folder.path("token"))
        let reader = try Reader(access)
        #expect(reader.run { reader.names == ["a"] })
        server.behave { $0.tokens = ["new"] }
        server.hangUp()
        #expect(reader.run { !reader.problems.isEmpty })
        #expect(reader.problems.first?.message.contains("the credentials are refused: Unauthorized (401)") == true)
        try folder.write("token", "new\n")
        server.apply(service("b"), to: Paths.services)
        #expect(reader.run { reader.names == ["a", "b"] && reader.problems.isEmpty })
    }

    @Test func `names what the account may not do`() throws {
        let server = try StandInAPIServer()
        defer { server.stop() }
        let message = #"services is forbidden: User \"x\" cannot list resource \"services\""#
        let forbidden = #"{"kind":"Status","code":403,"reason":"Forbidden","message":"\#(message)"}"#
        server.fail(ServerFault(.answer(status: 403, body: forbidden)))
        server.apply(service("a"), to: Paths.services)
        let reader = try Reader(server)
        #expect(reader.run { !reader.problems.isEmpty })
        #expect(
            reader.problems.first?.message
                == "cannot watch services: services is forbidden: User \"x\" cannot list resource \"services\" (403); "
                + "grant the verbs list and watch on the resource \"services\" of the API group \"\" in a ClusterRole "
                + "that is bound to this program's account"
        )
        #expect(reader.run { reader.names == ["a"] && reader.problems.isEmpty })
    }

    @Test func `asks for a pause`() throws {
        let server = try StandInAPIServer()
        defer { server.stop() }
        server.fail(ServerFault(.answer(status: 429, fields: ["Retry-After: 1"])))
        server.apply(service("a"), to: Paths.services)
        let reader = try Reader(server)
        #expect(reader.run { reader.names == ["a"] })
        #expect(reader.problems == [])
    }

    @Test(arguments: [
        ServerFault.Kind.cut(afterBytes: 0), .reset(afterBytes: 40), .answer(status: 502), .cut(afterBytes: 300),
    ])
    func `fails once while the first list is received`(_ fault: ServerFault.Kind) throws {
        let server = try StandInAPIServer()
        defer { server.stop() }
        server.apply((0..<20).map { service("s\($0)") }, to: Paths.services)
        server.fail(ServerFault(fault))
        let reader = try Reader(server)
        #expect(reader.run { reader.objects.count == 20 })
        #expect(reader.removals == [])
        #expect(reader.problems == [])
    }
}
