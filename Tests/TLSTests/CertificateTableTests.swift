import TLS
import Testing

/// Tables of many hosts.
struct `Certificate tables` {
    private func found(_ name: String, in table: CertificateTable) -> CertificateTable.Host? {
        table.host(for: Array(name.utf8).span)
    }

    @Test func `a changed table leaves the one before as it was`() throws {
        let (first, second) = (try Fixture.host("first"), try Fixture.host("second"))
        let before = CertificateTable(fallback: first).applying([.set("a.test", first), .set("b.test", first)])
        let after = before.applying([.set("A.Test.", second), .remove("b.test"), .set("*.c.test", second)])
        #expect(found("a.test", in: before) === first)
        #expect(found("b.test", in: before) === first)
        #expect(found("x.c.test", in: before) == nil)
        #expect(found("a.test", in: after) === second)
        #expect(found("b.test", in: after) == nil)
        #expect(found("x.c.test", in: after) === second)
        #expect([before.count, after.count] == [2, 2])
    }

    @Test func `ten thousand hosts are found, each by its own name`() throws {
        let hosts = try ["zero", "one", "two"].map { try Fixture.host($0) }
        var table = CertificateTable(fallback: hosts[0])
            .applying((0..<10_000).lazy.map { .set("host-\($0).test", hosts[$0 % 3]) })
        #expect(table.count == 10_000)
        for index in 0..<10_000 where found("host-\(index).test", in: table) !== hosts[index % 3] {
            Issue.record("host-\(index).test")
        }
        #expect(found("host-10000.test", in: table) == nil)
        table = table.applying((0..<10_000).lazy.map { .remove("host-\($0).test") })
        #expect(table.count == 0)
        #expect(found("host-1.test", in: table) == nil)
    }

    @Test func `many threads use one table and one set of keys at once`() async throws {
        let (table, keys) = (try Fixture.table("a.test"), TicketKeys())
        let established = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let (client, server) = (try Fixture.trustingClient(), try Fixture.server(table, keys: keys))
                    var established = 0
                    for _ in 0..<20 {
                        var pair = SessionPair(client, server, key: 1)
                        pair.settle()
                        if pair.serverProgress == .established { established += 1 }
                    }
                    return established
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(established == 160)
    }

    @Test(arguments: ["", ".", "..", ".test", "a.", "a..test"])
    func `odd names are found nowhere`(name: String) throws {
        let host = try Fixture.host("host")
        let table = CertificateTable(fallback: host).applying([.set("*.b.test", host), .set("a.test", host)])
        #expect(found(name, in: table) == nil)
    }
}
