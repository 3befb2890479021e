internal import LinuxSystem

/// The workers of a gateway: threads that serve, and the way to speak to all of them.
package final class WorkerPool: Sendable {
    private let mailboxes: [WorkerMailbox]

    /// Starts workers.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - setup: What each of them begins with.
    /// - Throws: Why one of them cannot listen, or there are no threads or descriptors left; none serves then.
    package init(count: Int, setup: WorkerSetup) throws {
        // All listen before the first serves, so that a port in use is found before any connection is taken.
        var workers: [(mailbox: WorkerMailbox, box: WorkerBox)] = []
        for number in 0..<count {
            let mailbox = try WorkerMailbox()
            workers.append((mailbox, WorkerBox(try Worker(number: number, setup: setup, mailbox: mailbox))))
        }
        mailboxes = workers.map(\.mailbox)
        do {
            for (number, worker) in workers.enumerated() {
                let box = worker.box
                _ = try Thread("fairlead-\(number)") { box.run() }
            }
        } catch {
            for mailbox in mailboxes { mailbox.leave(.close(milliseconds: 0)) }
            throw error
        }
    }

    /// Has all workers serve by other tables.
    package func serve(by tables: GatewayTables) {
        for mailbox in mailboxes { mailbox.leave(.tables(tables)) }
    }

    /// Has all workers end their connections with the present requests, and go on taking new ones.
    package func beginDrain() {
        for mailbox in mailboxes { mailbox.leave(.lastRequests) }
    }

    /// Has all workers take no connections any more, and end with their last exchange.
    ///
    /// - Parameter milliseconds: After how long those that are still under way are cut off.
    package func close(within milliseconds: Int64) {
        for mailbox in mailboxes { mailbox.leave(.close(milliseconds: milliseconds)) }
    }

    /// What all workers have counted.
    ///
    /// Each answers between two rounds. One that does not do so in a quarter of a second is left out.
    package func numbers() -> [WorkerMetrics] {
        let request = ReportRequest()
        for mailbox in mailboxes { mailbox.leave(.report(request)) }
        for _ in 0..<Self.reportPolls where request.count < mailboxes.count {
            var nothing: [Readiness] = []
            // Nothing but time ends this wait, so there is nothing to learn from its failure.
            _ = try? Readiness.wait(for: &nothing, timeout: .milliseconds(1))
        }
        return request.numbers
    }

    /// What each worker has in use; one that does not answer in five seconds is left out.
    package func census() -> [WorkerCensus] {
        let request = CensusRequest()
        for mailbox in mailboxes { mailbox.leave(.census(request)) }
        for _ in 0..<5000 where request.censuses.count < mailboxes.count {
            var nothing: [Readiness] = []
            // Nothing but time ends this wait, so there is nothing to learn from its failure.
            _ = try? Readiness.wait(for: &nothing, timeout: .milliseconds(1))
        }
        return request.censuses
    }

    private static let reportPolls = 250

    /// A worker that does not serve by tables as new as these; nil when all do.
    package func worker(behind generation: UInt64) -> Int? {
        mailboxes.firstIndex { !$0.isEnded && $0.tablesGeneration < generation }
    }

    /// Whether all workers have ended.
    package var isEnded: Bool { mailboxes.allSatisfy(\.isEnded) }
}
