import Glibc
import LabKit
import LinuxSystem
import Synchronization
import Testing

/// Clients that take their time, so that others should have none: slow heads, slow bodies, slow readers.
@Suite(.needsLab, .serialized)
struct SlowClientsTests {
    private static let large = [UInt8](repeating: UInt8(ascii: "l"), count: 4 << 20)
    private static let seconds = 3

    /// A gateway with one worker, so that slow clients and the others share it, and little patience.
    private func gateway() throws -> GatewayLab {
        try GatewayLab.web(
            options: [
                "client-header-timeout": "\(Self.seconds)", "client-body-timeout": "\(Self.seconds)",
                // The others keep their connections for all that they ask.
                "keep-alive-requests": "10000000",
            ]
        ) { visit in
            while let request = try visit.next() {
                if request.target == "/large" {
                    try visit.stream.send("HTTP/1.1 200 OK\r\nContent-Length: \(Self.large.count)\r\n\r\n")
                    try visit.stream.send(Self.large)
                } else {
                    try visit.answer(body: "quick")
                }
            }
        }.gateway
    }

    /// Sends a byte on each stream again and again until told to end; streams that have ended are left alone.
    private func drip(_ streams: [LabStream], while isOn: Flag) throws -> Thread {
        try Thread("drip") {
            while isOn.value {
                for stream in streams { try? stream.send("x") }
                usleep(100_000)
            }
        }
    }

    private final class Flag: Sendable {
        private let state = Atomic(true)
        var value: Bool { state.load(ordering: .acquiring) }
        func lower() { state.store(false, ordering: .releasing) }
    }

    /// Asks like everybody else, and gives the longest time that an answer took.
    private func longestWait(_ gateway: GatewayLab, requests: Int) throws -> Duration {
        let stream = try gateway.connect()
        var longest = Duration.zero
        for _ in 0..<requests {
            let start = ContinuousClock.now
            try stream.send(GatewayLab.request(host: "web"))
            #expect(try stream.readResponse()?.text == "quick")
            longest = max(longest, ContinuousClock.now - start)
            usleep(2000)
        }
        return longest
    }

    @Test func `Heads that come byte by byte end in time, whatever comes meanwhile, and hold nobody up`() throws {
        let gateway = try gateway()
        let load = try SteadyLoad(gateway, hosts: ["web"])
        let before = try gateway.residentBytes()
        let slow = try (0..<300).map { _ in try gateway.connect() }
        for stream in slow { try stream.send("GET / HTTP/1.1\r\nHost: web\r\nX-Slow: ") }
        let isOn = Flag()
        let thread = try drip(slow, while: isOn)
        // An answer that waited for slow ones would take as long as they may.
        #expect(try longestWait(gateway, requests: 300) < .seconds(Self.seconds))
        #expect(try gateway.residentBytes() - before < 8 << 20)
        for stream in slow { #expect(try stream.readResponse()?.status == 408) }
        isOn.lower()
        thread.join()
        #expect(load.awaitMore(100))
        #expect(load.stop().failures.isEmpty)
    }

    @Test func `Bodies that stop coming end in time, and their endpoint serves others`() throws {
        let gateway = try gateway()
        let load = try SteadyLoad(gateway, hosts: ["web"])
        let slow = try (0..<60).map { _ in try gateway.connect() }
        for stream in slow {
            try stream.send(GatewayLab.request(host: "web", method: "POST", ["Content-Length: 100000"]) + "begun")
        }
        #expect(try longestWait(gateway, requests: 300) < .seconds(Self.seconds))
        for stream in slow { #expect(try stream.readResponse()?.status == 408) }
        #expect(load.awaitMore(100))
        #expect(load.stop().failures.isEmpty)
    }

    @Test func `Clients that do not read cost no memory and no time of others`() throws {
        let gateway = try gateway()
        let load = try SteadyLoad(gateway, hosts: ["web"])
        let before = try gateway.residentBytes()
        let slow = try (0..<60).map { _ in try gateway.connect(receiveBuffer: 4096) }
        for stream in slow { try stream.send(GatewayLab.request("/large", host: "web")) }
        #expect(try longestWait(gateway, requests: 300) < .seconds(Self.seconds))
        // 240 MB were asked for.
        #expect(try gateway.residentBytes() - before < 32 << 20)
        for stream in slow {
            // What they have not taken is still there for them.
            #expect(try stream.readHead()?.status == 200)
            stream.reset()
        }
        #expect(load.awaitMore(100))
        #expect(load.stop().failures.isEmpty)
    }
}
