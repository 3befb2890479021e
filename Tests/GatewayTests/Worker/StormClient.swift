import NetworkAddress
import Synchronization

/// What became of the requests of a storm.
struct StormTally: Sendable {
    var right = 0
    var errors = 0
    var cut = 0
    var aborted = 0
    /// What must not happen, in words.
    var wrong: [String] = []
}

/// One connection of a client in a storm.
struct StormClient {
    let port: Port
    let isWild: Bool
    var random: SeededNumbers

    /// Sends some requests, and judges what comes back.
    mutating func run(_ tally: inout StormTally) {
        do {
            try runConnection(&tally)
        } catch {
            if isWild { tally.cut += 1 } else { tally.wrong.append("\(error)") }
        }
    }

    private mutating func runConnection(_ tally: inout StormTally) throws {
        let stream = try ScriptedStream(to: port)
        var plans: [StormPlan] = []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            plans.append(StormPlan(tag: random.next() >> 1, isWild: isWild))
            if plans.last?.isOld == true { break }
        }
        let isPipelined = Bool.random(using: &random) && !plans.contains(where: \.expectsContinue)
        if Int.random(in: 0..<8, using: &random) == 0 {
            try abort(stream, plans)
            tally.aborted += 1
            return
        }
        if isPipelined {
            let sender = Sender(stream: stream, plans: plans, random: SeededNumbers(seed: random.next()))
            if Bool.random(using: &random) { pause(5) }
            try meanwhile({ try sender.run() }) { for plan in plans where try judge(stream, plan, &tally) { return } }
        } else {
            for plan in plans {
                let sender = Sender(stream: stream, plans: [plan], random: SeededNumbers(seed: random.next()))
                // Whoever waits for leave here does not hold the head back.
                let isLast = try meanwhile({ try sender.run() }) { try judge(stream, plan, &tally) }
                if isLast { return }
            }
        }
    }

    private struct Sender: Sendable {
        let stream: ScriptedStream
        let plans: [StormPlan]
        let random: SeededNumbers

        func run() throws {
            var random = random
            for plan in plans {
                let content = plan.requestContent
                let body = plan.sendsChunks ? StormPlan.chunks(content, &random) : content
                try stream.send(Array(plan.requestHead.utf8) + body, pieces: &random)
            }
        }
    }

    /// Goes away somewhere in the middle of things.
    private mutating func abort(_ stream: ScriptedStream, _ plans: [StormPlan]) throws {
        var bytes: [UInt8] = []
        for plan in plans {
            let content = plan.requestContent
            bytes += Array(plan.requestHead.utf8) + (plan.sendsChunks ? StormPlan.chunks(content, &random) : content)
        }
        bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
        let isReset = Bool.random(using: &random)
        let sent = bytes.prefix(200_000)
        var pieces = random
        // The worker may refuse or be done before.
        try? stream.send(Array(sent), pieces: &pieces)
        if Bool.random(using: &random) { pause(Int.random(in: 0...10, using: &random)) }
        if isReset { try stream.resetAtEnd() }
    }

    /// Receives a response and judges it; true says that the connection ends with it.
    private func judge(_ stream: ScriptedStream, _ plan: StormPlan, _ tally: inout StormTally) throws -> Bool {
        var head = ""
        repeat { head = try stream.receive(through: "\r\n\r\n") } while head.hasPrefix("HTTP/1.1 1")
        guard let status = Int(head.dropFirst(9).prefix(3)) else {
            tally.wrong.append("no status: \(head)")
            return true
        }
        let closes = fieldValue("connection", head) == "close" || plan.isOld
        let content: [UInt8]
        if plan.method == "HEAD" || status == 204 || status == 304 {
            content = []
        } else if fieldValue("transfer-encoding", head) == "chunked" {
            content = try stream.receiveChunks()
        } else if let count = fieldValue("content-length", head).flatMap({ Int($0) }) {
            content = try stream.receive(count: count)
        } else {
            content = try stream.receiveBytesToEnd()
        }
        guard let tag = fieldValue("x-tag", head) else {
            // The gateway's own words: an endpoint failed.
            if isWild, [502, 503, 504].contains(status) {
                tally.errors += 1
            } else {
                tally.wrong.append("\(plan.method) \(plan.target) was answered \(status)")
            }
            return closes
        }
        let expected = plan.method == "HEAD" ? [] : plan.responseContent
        let verdict = fieldValue("x-request", head)
        if tag != "\(plan.tag)" || status != plan.status || content != expected {
            tally.wrong.append(
                "\(plan.method) \(plan.target): \(status), tag \(tag), \(content.count) of \(expected.count)"
            )
        } else if verdict != "right", !(isWild && verdict == "early") {
            tally.wrong.append("\(plan.method) \(plan.target): the endpoint saw another request")
        } else {
            tally.right += 1
        }
        return closes
    }
}
