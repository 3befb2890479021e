internal import LinuxSystem
internal import Telemetry

/// The work of the server's thread: wait, obey, answer, accept, close what took too long.
struct ServerLoop: ~Copyable {
    private let mailbox: Mailbox
    private let limits: StatusServerLimits
    private var listeners: [ListeningSocket] = []
    private var connections: [StatusConnection] = []
    /// Until when no connection is accepted, because the process has no descriptor left.
    private var pausedUntil: ContinuousClock.Instant?

    /// How long a new connection is left in peace before it may be closed for a newer one.
    private static let peaceTime = Duration.milliseconds(250)

    /// How long to wait for a descriptor to become free.
    private static let pauseTime = Duration.milliseconds(100)

    /// How many connections one listener may bring before the others have their turn.
    private static let acceptsMax = 64

    init(mailbox: Mailbox, limits: StatusServerLimits) {
        self.mailbox = mailbox
        self.limits = limits
    }

    /// Serves until it is told to stop.
    mutating func run() {
        while true {
            guard serveTurn() else { continue }
            let orders = obey()
            // Only now the last reference to a closed socket is gone, and with it the socket.
            if orders.areToTell { mailbox.complete() }
            if orders.areToStop { break }
        }
        mailbox.close()
    }

    /// Waits once and answers what came; returns whether commands wait.
    private mutating func serveTurn() -> Bool {
        let began = ContinuousClock.now
        let admission = nextAdmission(now: began)
        let accepts = admission.map { $0 <= began } ?? true
        var waits = [Readiness(of: mailbox.descriptor, reading: true)]
        waits += listeners.map { Readiness(of: $0.socket.number, reading: accepts) }
        waits += connections.map(\.interest)
        let deadlines = connections.map(\.deadline) + (accepts ? [] : [admission].compactMap(\.self))
        do throws(Errno) {
            _ = try Readiness.wait(for: &waits, timeout: deadlines.min().map { max(.zero, $0 - began) })
        } catch {
            // The kernel has no memory for so many: the clients come back.
            connections = []
            return false
        }

        let now = ContinuousClock.now
        let (seconds, nanoseconds) = wallClockNanoseconds().quotientAndRemainder(dividingBy: 1_000_000_000)
        var turn = StatusConnection.Turn(
            now: now,
            date: WallTime(seconds: seconds, nanoseconds: Int32(nanoseconds)).httpDate,
            pendingBytes: connections.reduce(0) { $0 + $1.pendingBytes }
        )
        let accepted = waits.dropFirst().prefix(listeners.count)
        let ready = zip(listeners, accepted).filter { accepts && $0.1.isReadable }.map(\.0)
        serve(waits.dropFirst(1 + listeners.count), &turn)
        for listener in ready { accept(on: listener, &turn) }
        return waits[0].isReadable
    }

    // MARK: - Commands

    /// Does what callers want; returns whether one waits for it, and whether one wants the end.
    private mutating func obey() -> (areToTell: Bool, areToStop: Bool) {
        var orders = (areToTell: false, areToStop: false)
        for command in mailbox.take() {
            switch command {
            case .open(let listener):
                listeners.append(listener)
            case .close(let closed):
                listeners.removeAll { closed.contains($0.listener) }
                connections.removeAll { closed.contains($0.listener) }
                orders.areToTell = true
            case .stop:
                orders.areToStop = true
            }
        }
        return orders
    }

    // MARK: - Connections

    private mutating func serve(_ waits: ArraySlice<Readiness>, _ turn: inout StatusConnection.Turn) {
        var open: [StatusConnection] = []
        open.reserveCapacity(connections.count)
        for (connection, wait) in zip(connections, waits) {
            let isAlive =
                if wait.isReadable || wait.isWritable {
                    connection.advance(&turn)
                } else if connection.deadline <= turn.now {
                    connection.expire(&turn)
                } else {
                    true
                }
            if isAlive { open.append(connection) }
        }
        connections = open
    }

    private mutating func accept(on listener: ListeningSocket, _ turn: inout StatusConnection.Turn) {
        for _ in 0..<Self.acceptsMax {
            if connections.count >= limits.connectionsMax, !closeOldest(now: turn.now) { return }
            do throws(Errno) {
                guard let accepted = try listener.socket.accept() else { return }
                let connection = StatusConnection(
                    accepted.take(),
                    through: listener.listener,
                    limits: limits,
                    now: turn.now,
                    respond: listener.respond
                )
                if connection.advance(&turn) { connections.append(connection) }
            } catch .tooManyOpenFiles, .tooManyOpenFilesInSystem {
                if !closeOldest(now: turn.now) { pausedUntil = turn.now + Self.pauseTime }
                return
            } catch {
                // The error of one connection that never came to be.
                continue
            }
        }
    }

    /// From when on a connection can be accepted; nil for at any time.
    private mutating func nextAdmission(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        if let until = pausedUntil, until <= now { pausedUntil = nil }
        if let pausedUntil { return pausedUntil }
        guard connections.count >= limits.connectionsMax else { return nil }
        return connections.map(\.lastRequest).min().map { $0 + Self.peaceTime }
    }

    /// Closes the connection that has asked for nothing for the longest time; false says that all are too new.
    private mutating func closeOldest(now: ContinuousClock.Instant) -> Bool {
        guard let oldest = connections.indices.min(by: { connections[$0].lastRequest < connections[$1].lastRequest }),
            connections[oldest].lastRequest + Self.peaceTime <= now
        else { return false }
        connections.remove(at: oldest)
        return true
    }
}
