import LoadBalancing
import Testing

struct Ejection {
    struct OutcomeCase: CustomTestStringConvertible {
        let name: String
        let outcome: AttemptOutcome
        let countsServerErrors: Bool
        let ejects: Bool
        var testDescription: String { name }
    }

    @Test(arguments: [
        OutcomeCase(name: "an answer", outcome: .answered, countsServerErrors: true, ejects: false),
        OutcomeCase(name: "a server error", outcome: .serverError, countsServerErrors: false, ejects: false),
        OutcomeCase(name: "a server error that counts", outcome: .serverError, countsServerErrors: true, ejects: true),
        OutcomeCase(name: "no connection", outcome: .connectFailed, countsServerErrors: false, ejects: true),
        OutcomeCase(name: "no answer in time", outcome: .timedOut, countsServerErrors: false, ejects: true),
        OutcomeCase(name: "a reset", outcome: .reset, countsServerErrors: false, ejects: true),
        OutcomeCase(name: "a client that left", outcome: .abandoned, countsServerErrors: true, ejects: false),
    ])
    func `three failures in a row eject`(_ row: OutcomeCase) {
        var settings = EjectionSettings()
        settings.countsServerErrors = row.countsServerErrors
        var balancer = Sample.balancer(.roundRobin, 4, ejection: settings)
        let said = balancer.run(1, row.outcome, times: 3)
        #expect(said == [false, false, row.ejects])
        #expect(balancer.ejectedCount == (row.ejects ? 1 : 0))
        let counts = balancer.counts(of: 120)
        #expect(counts[1] == (row.ejects ? nil : 30))
    }

    @Test func `a success between failures starts the count again`() {
        var balancer = Sample.balancer(.roundRobin, 4)
        for _ in 0..<5 {
            balancer.run(1, .reset, times: 2)
            balancer.run(1, .answered)
        }
        #expect(balancer.ejectedCount == 0)
        // One that was abandoned is neither.
        balancer.run(1, .reset, times: 2)
        balancer.run(1, .abandoned)
        balancer.run(1, .reset)
        #expect(balancer.ejectedCount == 1)
    }

    @Test func `an ejected endpoint returns on probation, and each further ejection lasts longer`() throws {
        var balancer = Sample.balancer(.roundRobin, 2)
        let slot = try found(balancer.slot(1))
        balancer.run(1, .connectFailed, times: 3, now: 1000)
        #expect(balancer.isEjected(slot, now: 10_999) == true)
        #expect(balancer.isEjected(slot, now: 11_000) == false)
        var counts = balancer.counts(of: 10, now: 10_999)
        #expect(counts == [2: 10])
        counts = balancer.counts(of: 10, now: 11_000)
        #expect(counts == [1: 5, 2: 5])

        // One failure is enough now, and it costs twice the time.
        let said = balancer.run(1, .connectFailed, now: 11_000)
        #expect(said == [true])
        #expect(balancer.isEjected(slot, now: 30_999) == true)
        #expect(balancer.isEjected(slot, now: 31_000) == false)

        // After a success it takes three again.
        _ = balancer.counts(of: 1, now: 31_000)
        balancer.run(1, .answered, now: 31_000)
        let later = balancer.run(1, .connectFailed, times: 3, now: 31_000)
        #expect(later == [false, false, true])
        #expect(balancer.isEjected(slot, now: 60_999) == true)
        #expect(balancer.isEjected(slot, now: 61_000) == false)
    }

    @Test func `ejections have a longest time, and are forgotten after it`() throws {
        var settings = EjectionSettings()
        settings.maxTime = 25_000
        var balancer = Sample.balancer(.roundRobin, 2, ejection: settings)
        let slot = try found(balancer.slot(1))
        var now: UInt64 = 0
        var times: [UInt64] = []
        for _ in 0..<4 {
            balancer.run(1, .reset, times: 3, now: now)
            let time = try found((0...30_000).first { !balancer.isEjected(slot, now: now + $0) })
            times.append(UInt64(time))
            now += UInt64(time)
            _ = balancer.counts(of: 1, now: now)
        }
        #expect(times == [10_000, 20_000, 25_000, 25_000])
        // It does well for longer than the longest time.
        now += 25_000
        balancer.run(1, .answered, now: now)
        balancer.run(1, .reset, times: 3, now: now)
        #expect(balancer.isEjected(slot, now: now + 9_999) == true)
        #expect(balancer.isEjected(slot, now: now + 10_000) == false)
    }

    struct ShareCase: CustomTestStringConvertible {
        let endpoints: Int
        let percent: Int
        let ejected: Int
        var testDescription: String { "\(endpoints) endpoints, \(percent) %" }
    }

    @Test(arguments: [
        ShareCase(endpoints: 1, percent: 50, ejected: 0), ShareCase(endpoints: 2, percent: 50, ejected: 1),
        ShareCase(endpoints: 3, percent: 50, ejected: 1), ShareCase(endpoints: 10, percent: 50, ejected: 5),
        ShareCase(endpoints: 10, percent: 100, ejected: 9), ShareCase(endpoints: 10, percent: 0, ejected: 0),
        ShareCase(endpoints: 1, percent: 100, ejected: 0), ShareCase(endpoints: 1000, percent: 10, ejected: 100),
    ])
    func `no more than the share is ejected, and never the last`(_ row: ShareCase) {
        var settings = EjectionSettings()
        settings.maxPercent = row.percent
        var balancer = Sample.balancer(.peakEWMA, row.endpoints, ejection: settings)
        var said = 0
        for number in 1...row.endpoints { said += balancer.run(number, .reset, times: 9).count(where: \.self) }
        #expect(said == row.ejected)
        #expect(balancer.ejectedCount == row.ejected)
        let counts = balancer.counts(of: row.endpoints * 50)
        #expect(counts.count <= row.endpoints - row.ejected)
        #expect(counts[0] == nil)
    }

    @Test func `a share that is taken is free again when time is over`() {
        var balancer = Sample.balancer(.roundRobin, 2)
        balancer.run(1, .reset, times: 3, now: 0)
        balancer.run(2, .reset, times: 3, now: 9_999)
        #expect(balancer.ejectedCount == 1)
        // Nobody has chosen since, and yet the first no longer counts.
        let said = balancer.run(2, .reset, now: 10_000)
        #expect(said == [true])
        let counts = balancer.counts(of: 10, now: 10_000)
        #expect(counts == [1: 10])
    }

    @Test func `fewer endpoints make room for those that were ejected first`() {
        var balancer = Sample.balancer(.roundRobin, 6)
        for number in 1...3 { balancer.run(number, .reset, times: 3, now: UInt64(number)) }
        #expect(balancer.ejectedCount == 3)
        let departed = balancer.update(
            endpoints: Sample.endpoints(1...4),
            policy: .roundRobin,
            ejection: EjectionSettings(),
            now: 10
        )
        #expect(departed.count == 2)
        #expect(balancer.ejectedCount == 2)
        let counts = balancer.counts(of: 10, now: 10)
        #expect(counts == [1: 5, 4: 5])
    }

    @Test func `a departed endpoint takes its ejection along`() {
        var balancer = Sample.balancer(.roundRobin, 2)
        balancer.run(1, .reset, times: 3)
        for numbers in [[2], [1, 2]] {
            _ = balancer.update(
                endpoints: Sample.endpoints(numbers),
                policy: .roundRobin,
                ejection: EjectionSettings(),
                now: 0
            )
        }
        let counts = balancer.counts(of: 10)
        #expect(counts == [1: 5, 2: 5])
    }

    @Test func `switched off, it ejects nobody, and lets those go that it held`() {
        var balancer = Sample.balancer(.roundRobin, 4)
        balancer.run(1, .reset, times: 3)
        _ = balancer.update(endpoints: Sample.endpoints(1...4), policy: .roundRobin, ejection: .off, now: 0)
        #expect(balancer.ejectedCount == 0)
        balancer.run(1, .reset, times: 100)
        #expect(balancer.ejectedCount == 0)
    }

    @Test func `one that returns starts with the mean latency`() throws {
        var balancer = Sample.balancer(.peakEWMA, 3)
        balancer.run(1, .reset, times: 3, now: 0)
        balancer.run(2, .answered, latency: 2000, now: 10_000)
        balancer.run(3, .answered, latency: 4000, now: 10_000)
        _ = balancer.counts(of: 1, now: 10_000)
        let slot = try found(balancer.slot(1))
        #expect(balancer.load(of: slot, now: 10_000) == 3000)
    }
}
