import EventIO
import Gateway
import Glibc
import LinuxSystem
import Routing
import Synchronization
import Testing

/// Clients and endpoints that do everything in random pieces, at random times, and now and then wrong.
///
/// Seeds are printed; `FAIRLEAD_STORM_SEED` repeats one, and `FAIRLEAD_STORM_CONNECTIONS` makes it longer.
@Suite(.serialized) struct `A worker in a storm` {
    @Test func `gives every request its own response, byte by byte`() throws {
        let tally = try storm(isWild: false)
        #expect(tally.wrong.isEmpty, "\(tally.wrong.prefix(5))")
        #expect(tally.right > 50)
    }

    @Test func `gives no request the response of another, whatever endpoints do`() throws {
        let tally = try storm(isWild: true)
        #expect(tally.wrong.isEmpty, "\(tally.wrong.prefix(5))")
        #expect(tally.right > 50)
    }

    private func storm(isWild: Bool) throws -> StormTally {
        let seed = Self.setting("FAIRLEAD_STORM_SEED") ?? SystemRandom.seed() >> 1
        let count = Int(Self.setting("FAIRLEAD_STORM_CONNECTIONS") ?? 200)
        print("storm: seed \(seed), \(count) connections")
        let bench = try WorkerBench(
            endpointCount: 3,
            settings: WorkerBench.settings { $0.idleUpstreamsMax = 8 },
            limits: WorkerBench.limits { $0.readMilliseconds = 10_000 }
        ) { $0.spliceBytesMin = 65_536 }
        let endpoints = StormEndpoints()
        for listener in bench.endpoints { try endpoints.play(listener) }
        let shared = Shared()
        let port = bench.port
        for _ in 0..<Self.threadCount {
            _ = try Thread("storm-client") {
                while true {
                    let number = shared.next.wrappingAdd(1, ordering: .relaxed).oldValue
                    if number >= count { break }
                    var own = StormTally()
                    let random = SeededNumbers(seed: seed &+ UInt64(number) &* 0x1_0001)
                    var client = StormClient(port: port, isWild: isWild, random: random)
                    client.run(&own)
                    shared.add(own)
                }
                shared.end()
            }
        }
        var generations = 0
        while shared.ended < Self.threadCount {
            // Routes change all the time meanwhile.
            bench.pool.serve(by: try bench.tables(scheme: .http))
            generations += 1
            pause(20)
        }
        endpoints.end()
        let left = try Self.settled(bench)
        #expect(left == Self.nothing, "seed \(seed)")
        let outcome = shared.total
        print(
            "storm: \(outcome.right) right, \(outcome.errors) errors, \(outcome.cut) cut, \(outcome.aborted) aborted,"
        )
        print("storm: \(generations) tables, seed \(seed)")
        return outcome
    }

    /// The census when it is the one of nothing, or after a while.
    private static func settled(_ bench: WorkerBench) throws -> WorkerCensus {
        for _ in 0..<400 where bench.census != nothing { pause(50) }
        return bench.census
    }

    private static var nothing: WorkerCensus {
        var census = WorkerCensus()
        census.tables = 1
        return census
    }

    private static let threadCount = 6

    private static func setting(_ name: String) -> UInt64? {
        // Nothing in a test process changes the environment, so the text stays where it is while it is copied.
        unsafe getenv(name).flatMap { unsafe UInt64(String(cString: $0)) }
    }

    private final class Shared: Sendable {
        let next = Atomic<Int>(0)
        private let tally = Mutex<(total: StormTally, ended: Int)>((StormTally(), 0))

        func end() { tally.withLock { $0.ended += 1 } }
        var ended: Int { tally.withLock { $0.ended } }
        var total: StormTally { tally.withLock { $0.total } }

        func add(_ own: StormTally) {
            tally.withLock { tally in
                tally.total.right += own.right
                tally.total.errors += own.errors
                tally.total.cut += own.cut
                tally.total.aborted += own.aborted
                tally.total.wrong += own.wrong
            }
        }
    }
}
