import LabKit
import LinuxSystem
import NetworkAddress
import Synchronization
import Testing

@testable import fairlead_bench

/// The floor of `http` must do the work that it is the floor of.
struct `The relay` {
    private final class Ending: Sendable {
        let isWanted = Atomic(false)
    }

    @Test(.enabled(if: Lab.isAvailable, "\(Lab.unavailableReason ?? "")"), arguments: BackendBody.allCases)
    func `answers arrive as the backend gave them, from both of its addresses`(body: BackendBody) throws {
        try withNewNetworkNamespace {
            let lab = try Lab()
            defer { lab.tearDown() }
            try HTTPTools.configureNetwork(in: lab)
            let backend = Backend()
            let ending = Ending()
            let port = try #require(Port(8006))
            try backend.serve {
                let relay = try Thread("relay") {
                    guard let loop = try? RelayLoop(port: port) else { return }
                    while !ending.isWanted.load(ordering: .relaxed) {
                        if (try? loop.turn()) == nil { return }
                    }
                }
                let outcome = Result { try Self.ask(for: body) }
                ending.isWanted.store(true, ordering: .relaxed)
                relay.join()
                try outcome.get()
            }
            let counts = backend.counts
            // The first that was answered, three on each of eight connections, and two.
            let total = counts.reduce(0, +)
            #expect(total == 27)
            #expect(counts.allSatisfy { $0 >= 8 }, "\(counts)")
        }
    }

    private static func ask(for body: BackendBody) throws {
        let driver = try connect()
        // Several at once, and each connection again, over connections to the backend that are kept.
        for _ in 0..<3 { try driver.askEverywhere(body, host: HTTPSubject.host(0)) }
        for _ in 0..<2 {
            let answer = try LoadDriver(port: 8006, isTLS: false, check: {}).ask(body, host: "any")
            #expect(answer.status == 200)
            #expect(answer.body == body.bytes)
        }
    }

    /// Opens connections once the relay and the backend listen.
    private static func connect() throws -> LoadDriver {
        let end = ContinuousClock.now + .seconds(20)
        while true {
            do {
                _ = try LoadDriver(port: 8006, isTLS: false, check: {}).ask(.small, host: "any")
                break
            } catch {
                guard ContinuousClock.now < end else { throw error }
            }
            try pause(.milliseconds(10))
        }
        let driver = try LoadDriver(port: 8006, isTLS: false, check: {})
        try driver.open(8)
        return driver
    }
}
