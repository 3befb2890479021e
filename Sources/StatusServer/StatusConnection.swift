internal import LinuxSystem
internal import NetworkAddress

/// One client of a status server.
///
///     reading ──head──▶ answering ──all sent──▶ reading
///        │                  └──the last answer──▶ lingering ──▶ over
///        └──end, error, too slow──▶ over
final class StatusConnection {
    private enum State {
        /// Takes heads and answers them, one after the other.
        case open
        /// Sends what it owes, then says that it is done.
        case finishing
        /// Waits for the client to close, and throws away what still comes: closing earlier could reset the answer away.
        case lingering
    }

    /// What a turn of the server lends to its connections.
    struct Turn {
        let now: ContinuousClock.Instant
        /// The moment, as HTTP writes it.
        let date: String
        /// How many bytes of answers wait for their readers, over all connections.
        var pendingBytes: Int
    }

    private static let readBytesMax = 4096
    private static let lingerTime = Duration.seconds(2)

    /// The listener that the connection came through.
    let listener: StatusListener
    /// When the connection came, or last asked for something whole.
    private(set) var lastRequest: ContinuousClock.Instant
    /// How many bytes of answers wait for the client to read.
    var pendingBytes: Int { output.count }

    private let socket: Socket
    private let respond: StatusHandler
    /// Whether the client came through the loopback interface; nothing from elsewhere reaches such an address.
    private let isLocal: Bool
    private let limits: StatusServerLimits
    private var reader: RequestReader
    private var state = State.open
    private var output: ArraySlice<UInt8> = []
    /// When what is under way began: a head, an answer, silence or the end.
    private var stageBegan: ContinuousClock.Instant

    init(
        _ socket: consuming Socket,
        through listener: StatusListener,
        limits: StatusServerLimits,
        now: ContinuousClock.Instant,
        respond: @escaping StatusHandler
    ) {
        isLocal = (try? socket.localAddress())??.address.isLoopback ?? false
        self.socket = socket
        self.listener = listener
        self.limits = limits
        self.respond = respond
        reader = RequestReader(limits: limits)
        lastRequest = now
        stageBegan = now
        // Without it an answer may wait for the client's acknowledgement; the connection works either way.
        try? self.socket.disableDelay()
    }

    /// What the connection waits for: nothing is read while an answer is stuck, so that memory stays bounded.
    var interest: Readiness {
        output.isEmpty ? Readiness(of: socket.number, reading: true) : Readiness(of: socket.number, writing: true)
    }

    /// When the client has taken too long.
    var deadline: ContinuousClock.Instant {
        if case .lingering = state { return stageBegan + Self.lingerTime }
        if !output.isEmpty { return stageBegan + limits.answerTime }
        return stageBegan + (reader.isMidway ? limits.headTime : limits.idleTime)
    }

    /// Does what can be done without waiting; false says that the connection is over.
    func advance(_ turn: inout Turn) -> Bool {
        do throws(Errno) {
            guard try flush(&turn) else { return true }
            // One read a turn, so that no client keeps the others waiting.
            switch try socket.receive(upTo: Self.readBytesMax) {
            case .wouldBlock: return true
            case .end: return false
            case .bytes(let bytes):
                guard case .open = state else { return true }
                if !reader.isMidway { stageBegan = turn.now }
                reader.append(bytes)
                _ = try flush(&turn)
                return true
            }
        } catch {
            // An error is the end of this connection and of interest to nobody else.
            return false
        }
    }

    /// Answers a client that took too long; false says that the connection is over.
    func expire(_ turn: inout Turn) -> Bool {
        guard case .open = state, output.isEmpty, reader.isMidway else { return false }
        answer(.refusal(.requestTimeout, "the request did not come in time"), closes: true, hasBody: true, &turn)
        do throws(Errno) {
            _ = try flush(&turn)
            return true
        } catch {
            return false
        }
    }

    /// Sends what waits and answers the heads that are there; returns whether the client may be read from.
    private func flush(_ turn: inout Turn) throws(Errno) -> Bool {
        while true {
            while !output.isEmpty {
                let sent = try socket.send(output)
                if sent == 0 { return false }
                output = output.dropFirst(sent)
                if output.isEmpty {
                    output = []
                    stageBegan = turn.now
                }
            }
            switch state {
            case .finishing:
                try socket.shutdownWriting()
                state = .lingering
                return true
            case .lingering:
                return true
            case .open:
                guard answerNextHead(&turn) else { return true }
            }
        }
    }

    /// Makes the answer to the next head; false says that there is none.
    private func answerNextHead(_ turn: inout Turn) -> Bool {
        do throws(RequestHead.Refusal) {
            guard let head = try reader.next() else { return false }
            lastRequest = turn.now
            if turn.pendingBytes > limits.pendingBytesMax {
                answer(
                    .refusal(.unavailable, "too many answers wait for slow readers"),
                    closes: true,
                    hasBody: true,
                    &turn
                )
            } else {
                let hasBody = head.request.method != "HEAD"
                var request = head.request
                request.isLocal = isLocal
                answer(respond(request), closes: head.closes, hasBody: hasBody, &turn)
            }
        } catch {
            answer(.refusal(error.status, error.why), closes: true, hasBody: true, &turn)
        }
        return true
    }

    private func answer(_ response: StatusResponse, closes: Bool, hasBody: Bool, _ turn: inout Turn) {
        output = response.bytes(date: turn.date, closes: closes, hasBody: hasBody)[...]
        turn.pendingBytes += output.count
        stageBegan = turn.now
        if closes { state = .finishing }
    }
}
