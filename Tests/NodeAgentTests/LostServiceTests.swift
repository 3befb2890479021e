import NodeAgent
import ServiceModel
import ServiceRules
import Testing

/// A Service that a rebuild has to leave out leads nowhere: its flows are news, though no change of it was programmed.
@Suite struct LostServiceTests {
    @Test func `the endpoints of a Service that the kernel refuses in a rebuild have departed`() throws {
        let bench = try CommitBench(service("web", 1), service("db", 2))
        bench.refuse(1)
        let report = try bench.committer.rebuild()
        #expect(report.quarantined.keys.sorted() == [name("web")])
        #expect(Set(report.departed.map(\.frontEnd.listener)) == [.address(ip("10.96.0.1"))])
        #expect(report.departed.map { "\($0.endpoint)" }.sorted() == ["10.244.1.1:8080", "10.244.1.2:8080"])
    }

    @Test func `a Service that is back before a rebuild ends has lost nothing`() throws {
        let bench = try CommitBench(service("web", 1), service("db", 2))
        bench.refuse(2, precisely: false)
        let report = try bench.committer.rebuild()
        #expect(!report.departed.contains { $0.frontEnd.listener == .address(ip("10.96.0.1")) }, "\(report)")
    }
}
