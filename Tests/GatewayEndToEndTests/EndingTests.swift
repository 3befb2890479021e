import Glibc
import LabKit
import Synchronization
import Testing

/// How the gateway ends: nothing that was begun is lost.
@Suite(.needsLab)
struct EndingTests {
    /// A gateway whose pod answers requests for `/slow` when it is told to.
    private func slowGateway(_ options: [String]) throws -> (gateway: GatewayLab, release: @Sendable () -> Void) {
        let isFree = Mutex(false)
        let free = Released(isFree)
        let gateway = try GatewayLab(options: ["--workers", "2"] + options)
        try gateway.service("web", 1) { visit in
            while let request = try visit.next() {
                if request.target == "/slow" { _ = eventually(within: .seconds(300)) { free.value } }
                try visit.answer(body: request.target)
            }
        }
        try gateway.put([
            Manifest.ingressClass("nginx"), Manifest.ingress("web", host: "web", [.prefix("/", to: "web")]),
        ])
        try gateway.start()
        return (gateway, { free.release() })
    }

    /// A switch that threads share.
    private final class Released: Sendable {
        private let state: Mutex<Bool>
        init(_ state: consuming Mutex<Bool>) { self.state = state }
        var value: Bool { state.withLock { $0 } }
        func release() { state.withLock { $0 = true } }
    }

    @Test func `The gateway says that it ends, serves on for a while, completes what is under way, and ends with 0`()
        throws
    {
        let (gateway, release) = try slowGateway(["--shutdown-grace-period", "1", "--drain-timeout", "600"])
        let slow = try gateway.connect()
        try slow.send(GatewayLab.request("/slow", host: "web"))
        let idle = try gateway.connect()
        try idle.send(GatewayLab.request("/one", host: "web"))
        #expect(try idle.readResponse()?["Connection"] == nil)
        let unused = try gateway.connect()
        #expect(eventually { gateway.pods[0].requests.count == 2 })

        #expect(try gateway.status("/healthz").status == 200)
        let began = try gateway.gateway.lines.count
        try gateway.gateway.signal(SIGTERM)
        try gateway.gateway.waitForLine(containing: "ending", after: began)
        #expect(try gateway.status("/healthz").status == 500)
        // Who still comes is served, and told that the connection ends.
        let late = try gateway.ask("/late", host: "web")
        #expect(late.status == 200 && late["Connection"] == "close")
        try idle.send(GatewayLab.request("/two", host: "web"))
        let second = try #require(try idle.readResponse())
        #expect(second.status == 200 && second["Connection"] == "close")
        #expect(try idle.readToEnd().isEmpty && idle.ending == .end)
        try gateway.gateway.waitForLine(containing: "no connections", after: began)
        #expect(try unused.readToEnd().isEmpty)
        // The program waits for the last exchange.
        #expect(try gateway.gateway.waitForEnd(timeout: .milliseconds(300)) == nil)
        #expect(throws: (any Error).self) { try gateway.connect() }
        release()
        let response = try #require(try slow.readResponse())
        #expect(response.status == 200 && response.text == "/slow")
        #expect(response["Connection"] == "close")
        #expect(try slow.readToEnd().isEmpty)
        #expect(try gateway.gateway.waitForEnd() == 0)
        #expect(try gateway.accessLog().count == 4)
    }

    @Test func `A second signal ends the gateway at once`() throws {
        let (gateway, release) = try slowGateway(["--drain-timeout", "60"])
        defer { release() }
        let slow = try gateway.connect()
        try slow.send(GatewayLab.request("/slow", host: "web"))
        #expect(eventually { gateway.pods[0].requests.count == 1 })
        try gateway.gateway.signal(SIGTERM)
        try gateway.gateway.waitForLine(containing: "no connections")
        try gateway.gateway.signal(SIGINT)
        #expect(try gateway.gateway.waitForEnd(timeout: .seconds(5)) != nil)
        _ = try slow.readToEnd()
        #expect(slow.ending != nil)
    }

    @Test func `What takes longer than the limit is cut off`() throws {
        let (gateway, release) = try slowGateway(["--drain-timeout", "1"])
        defer { release() }
        let slow = try gateway.connect()
        try slow.send(GatewayLab.request("/slow", host: "web"))
        #expect(eventually { gateway.pods[0].requests.count == 1 })
        try gateway.gateway.signal(SIGTERM)
        #expect(try gateway.gateway.waitForEnd(timeout: .seconds(10)) == 0)
    }

    @Test func `A gateway that nobody asks ends at once`() throws {
        let (gateway, _) = try slowGateway([])
        let idle = try gateway.connect()
        #expect(try gateway.gateway.stop() == 0)
        #expect(try idle.readToEnd().isEmpty)
    }
}
