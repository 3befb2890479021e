import Synchronization
import TLS
import Testing

/// Sessions that continue earlier ones.
struct Resumption {
    /// Seconds that a test moves on.
    final class ManualClock: Sendable {
        private let seconds = Mutex<Int64>(1000)
        var now: Int64 { seconds.withLock(\.self) }
        func advance(by step: Int64) { seconds.withLock { $0 += step } }
    }

    static let versions = [TLSVersion.tls12, .tls13]

    private func client(_ version: TLSVersion) throws -> TLSClientContext {
        var settings = TLSSettings()
        settings.newest = version
        return try TLSClientContext(trust: .anybody, settings: settings)
    }

    /// Connects, talks a little so that tickets arrive, and says whether the session was resumed.
    private func connect(_ client: TLSClientContext, _ server: TLSServerContext, _ host: String) -> Bool {
        var pair = SessionPair(client, server, host: host, key: 1)
        pair.settle()
        pair.sayToClient([1])
        pair.settle()
        pair.server.close(output: &pair.toClient)
        pair.settle()
        let (ours, theirs) = (pair.server.isResumed, pair.client.isResumed)
        #expect(ours == theirs)
        #expect(pair.clientProgress == .peerClosed)
        return ours
    }

    @Test(arguments: versions)
    func `any worker resumes what another began`(version: TLSVersion) throws {
        let (table, keys) = (try Fixture.table("a.test"), TicketKeys())
        let (one, other) = (try Fixture.server(table, keys: keys), try Fixture.server(table, keys: keys))
        let client = try client(version)
        #expect(connect(client, one, "a.test") == false)
        #expect(connect(client, other, "a.test") == true)
        #expect(connect(client, one, "a.test") == true)
        // A process of its own has other keys.
        #expect(connect(client, try Fixture.server(table), "a.test") == false)
    }

    @Test(arguments: versions)
    func `a key is good until its last ticket has expired`(version: TLSVersion) throws {
        let clock = ManualClock()
        let keys = TicketKeys(sessionSeconds: 600, rotationSeconds: 3600) { clock.now }
        let server = try Fixture.server(Fixture.table("a.test"), keys: keys)
        let (early, late) = (try client(version), try client(version))
        #expect(connect(early, server, "a.test") == false)
        #expect(connect(late, server, "a.test") == false)
        clock.advance(by: 3600)
        // What is presented here has the old key, and is answered with a ticket of the new one.
        #expect(connect(early, server, "a.test") == true)
        clock.advance(by: 601)
        #expect(connect(late, server, "a.test") == false)
        // OpenSSL's client hears of new tickets for an old session only in TLS 1.3.
        #expect(connect(early, server, "a.test") == (version == .tls13))
    }

    @Test(arguments: versions)
    func `a session that was cut off is resumed`(version: TLSVersion) throws {
        let server = try Fixture.server(Fixture.table("a.test"))
        let client = try client(version)
        for expected in [false, true] {
            var pair = SessionPair(client, server, key: 1)
            pair.settle()
            pair.sayToClient([1])
            pair.settle()
            let isResumed = pair.client.isResumed
            #expect(isResumed == expected)
        }
    }

    @Test(arguments: versions)
    func `a session is not resumed under another demand for client certificates`(version: TLSVersion) throws {
        let server = try Fixture.server(Fixture.table("a.test"))
        let client = try client(version)
        #expect(connect(client, server, "a.test") == false)
        #expect(connect(client, server, "a.test") == true)
        let demand = ClientAuthentication(authorities: try Fixture.authority)
        server.table = server.table.applying([.set("a.test", try Fixture.host("a.test", demanding: demand))])
        #expect(connect(client, server, "a.test") == false)
        #expect(connect(client, server, "a.test") == true)
        let deeper = ClientAuthentication(authorities: try Fixture.authority, depth: 2)
        server.table = server.table.applying([.set("a.test", try Fixture.host("a.test", demanding: deeper))])
        #expect(connect(client, server, "a.test") == false)
    }

    @Test(arguments: versions)
    func `a client keeps sessions for each name and key`(version: TLSVersion) throws {
        let server = try Fixture.server(Fixture.table("a.test", "b.test"))
        let client = try client(version)
        #expect(connect(client, server, "a.test") == false)
        #expect(connect(client, server, "b.test") == false)
        #expect(connect(client, server, "b.test") == true)
        #expect(connect(client, server, "a.test") == true)
        var other = SessionPair(client, server, key: 2)
        other.settle()
        let isResumed = other.server.isResumed
        #expect(!isResumed)
    }
}
