import LinuxSystem
import NetworkAddress
import Synchronization

/// Endpoints that do what plans say, each connection on a thread of its own.
final class StormEndpoints: Sendable {
    private struct State {
        var streams: [ScriptedStream] = []
        var running = 0
    }

    private let state = Mutex(State())
    private let isEnding = Atomic<Bool>(false)

    /// Plays the listeners' part until `end`.
    func play(_ listener: ScriptedListener) throws {
        state.withLock { $0.running += 1 }
        _ = try Thread("storm-listen") { [self] in
            while !isEnding.load(ordering: .relaxed) {
                guard let stream = listener.acceptSoon() else { continue }
                state.withLock {
                    $0.streams.append(stream)
                    $0.running += 1
                }
                let isStarted = try? Thread("storm-serve") { [self] in
                    // It ends in an error when its plan is a fault, or the worker gives up.
                    _ = try? serve(stream)
                    try? stream.finishWriting()
                    state.withLock { state in
                        state.streams.removeAll { $0 === stream }
                        state.running -= 1
                    }
                }
                if isStarted == nil { state.withLock { $0.running -= 1 } }
            }
            state.withLock { $0.running -= 1 }
        }
    }

    /// Closes everything, and waits for the threads.
    func end() {
        isEnding.store(true, ordering: .relaxed)
        for _ in 0..<4000 where state.withLock({ $0.running }) > 0 {
            for stream in state.withLock({ $0.streams }) { try? stream.finishWriting() }
            pause(5)
        }
    }

    private func serve(_ stream: ScriptedStream) throws {
        while true {
            let head = try stream.receive(through: "\r\n\r\n")
            let words = head.split(separator: " ", maxSplits: 2)
            guard words.count == 3, let plan = StormPlan(target: words[1]) else { return }
            var random = SeededNumbers(seed: plan.seed)
            switch plan.fault {
            case .closeBefore: return
            case .resetBefore:
                try stream.resetAtEnd()
                return
            case .garbage:
                try stream.send((0..<300).map { _ in UInt8.random(in: 0...255, using: &random) })
                return
            case .early:
                try answer(stream, plan, "early", &random)
                return
            default: break
            }
            var content: [UInt8] = []
            if fieldValue("transfer-encoding", head) == "chunked" {
                content = try stream.receiveChunks()
            } else if let count = fieldValue("content-length", head).flatMap({ Int($0) }) {
                content = try stream.receive(count: count)
            }
            let isRight = content == plan.requestContent && words[0] == plan.method
            guard try answer(stream, plan, isRight ? "right" : "wrong", &random) else { return }
        }
    }

    /// Sends the response; false says that the connection ends with it.
    @discardableResult
    private func answer(
        _ stream: ScriptedStream,
        _ plan: StormPlan,
        _ verdict: String,
        _ random: inout SeededNumbers
    ) throws -> Bool {
        var head = plan.hasInterim ? "HTTP/1.1 103 Early Hints\r\nLink: </\(plan.tag)>\r\n\r\n" : ""
        head += "HTTP/1.1 \(plan.status) Fine\r\nX-Tag: \(plan.tag)\r\nX-Request: \(verdict)\r\n"
        let closes = Int.random(in: 0..<10, using: &random) == 0
        // A well-behaved endpoint says when it closes.
        if closes, !plan.isWild { head += "Connection: close\r\n" }
        let content = plan.responseContent
        var body: [UInt8] = []
        let hasNone = plan.status == 204 || plan.status == 304 || plan.method == "HEAD"
        if hasNone {
            head += plan.status == 204 ? "\r\n" : "Content-Length: \(content.count)\r\n\r\n"
        } else {
            switch plan.framing {
            case .length:
                head += "Content-Length: \(content.count)\r\n\r\n"
                body = content
            case .chunked:
                head += "Transfer-Encoding: chunked\r\n\r\n"
                body = StormPlan.chunks(content, &random)
            case .untilClose:
                head += "\r\n"
                body = content
            }
        }
        var bytes = Array(head.utf8) + body
        switch plan.fault {
        case .closeWithin, .resetWithin:
            bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
            try stream.send(bytes, pieces: &random)
            if plan.fault == .resetWithin { try stream.resetAtEnd() }
            return false
        case .extraBytes:
            // In one piece with the end of the response: what comes later may be taken for the answer to what came later.
            let last = Array(bytes.suffix(100))
            bytes.removeLast(last.count)
            try stream.send(bytes, pieces: &random)
            bytes = last + Array("HTTP/1.1 200 Evil\r\nContent-Length: 4\r\n\r\nevil".utf8)
            try stream.send(bytes)
            return !closes
        default: break
        }
        try stream.send(bytes, pieces: &random)
        return !closes && !(plan.framing == .untilClose && !hasNone)
    }
}
