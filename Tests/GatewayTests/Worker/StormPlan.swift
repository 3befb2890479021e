/// What a request of a storm says and what its endpoint does, all of which follows from one number.
struct StormPlan: Sendable {
    enum Framing: CaseIterable, Sendable { case length, chunked, untilClose }

    /// What an endpoint does wrong.
    enum Fault: CaseIterable, Sendable {
        case none, closeBefore, resetBefore, closeWithin, resetWithin, garbage, early, extraBytes
    }

    /// Names the request; its bodies are made of it.
    let tag: UInt64
    let isWild: Bool
    let method: String
    let isOld: Bool
    let expectsContinue: Bool
    let requestCount: Int
    let sendsChunks: Bool
    let status: Int
    let framing: Framing
    let responseCount: Int
    let hasInterim: Bool
    let fault: Fault
    /// What splits and pauses follow from.
    let seed: UInt64

    init(tag: UInt64, isWild: Bool) {
        var random = SeededNumbers(seed: tag)
        self.tag = tag
        self.isWild = isWild
        method = ["GET", "GET", "HEAD", "POST", "PUT"].randomElement(using: &random) ?? "GET"
        isOld = Int.random(in: 0..<12, using: &random) == 0
        let hasBody = method == "POST" || method == "PUT"
        expectsContinue = hasBody && !isOld && Int.random(in: 0..<8, using: &random) == 0
        requestCount = hasBody ? Self.size(&random) : 0
        sendsChunks = hasBody && !isOld && Bool.random(using: &random)
        status =
            Int.random(in: 0..<10, using: &random) == 0 ? [204, 304, 404].randomElement(using: &random) ?? 204 : 200
        let framing = [Framing.length, .length, .chunked, .untilClose].randomElement(using: &random) ?? .length
        responseCount = status == 204 || status == 304 ? 0 : Self.size(&random)
        hasInterim = Int.random(in: 0..<10, using: &random) == 0
        let isFaulty = isWild && Int.random(in: 0..<3, using: &random) == 0
        fault = isFaulty ? Fault.allCases.randomElement(using: &random) ?? .none : .none
        // Nobody can tell a body from the half of one whose end is that of the connection.
        self.framing = fault != .none && framing == .untilClose ? .length : framing
        seed = random.next()
    }

    private static func size(_ random: inout SeededNumbers) -> Int {
        let limit = [0, 1, 10, 1000, 20_000, 70_000, 300_000].randomElement(using: &random) ?? 0
        return Int.random(in: limit / 2...limit, using: &random)
    }

    /// The plan that a target names.
    init?(target: some StringProtocol) {
        let parts = target.dropFirst().split(separator: "-")
        guard parts.count == 2, let tag = UInt64(parts[0]) else { return nil }
        self.init(tag: tag, isWild: parts[1] == "1")
    }

    var target: String { "/\(tag)-\(isWild ? 1 : 0)" }

    /// Content that no other request has, nor the same one at another place.
    static func content(_ tag: UInt64, _ count: Int) -> [UInt8] {
        guard count > 0 else { return [] }
        var random = SeededNumbers(seed: tag ^ 0x5555)
        var block: [UInt8] = []
        // A prime, so that no piece of a round size looks like the next.
        block.reserveCapacity(4099)
        for _ in 0..<min(4099, count) { block.append(UInt8(truncatingIfNeeded: random.next() >> 32)) }
        var content: [UInt8] = []
        content.reserveCapacity(count)
        while content.count < count { content += block.prefix(count - content.count) }
        return content
    }

    var requestContent: [UInt8] { Self.content(tag, requestCount) }
    var responseContent: [UInt8] { Self.content(~tag, responseCount) }

    /// Content in chunks of random sizes.
    static func chunks(_ content: [UInt8], _ random: inout SeededNumbers) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = content[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...max(1, min(rest.count, 50_000)), using: &random)
            bytes += Array("\(String(count, radix: 16))\r\n".utf8) + rest.prefix(count) + [13, 10]
            rest = rest.dropFirst(count)
        }
        return bytes + Array("0\r\n".utf8) + (Bool.random(using: &random) ? Array("X-Sum: 1\r\n".utf8) : []) + [13, 10]
    }

    /// The request's head.
    var requestHead: String {
        var head = "\(method) \(target) HTTP/1.\(isOld ? 0 : 1)\r\nHost: storm.example\r\n"
        if expectsContinue { head += "Expect: 100-continue\r\n" }
        if sendsChunks {
            head += "Transfer-Encoding: chunked\r\n"
        } else if method == "POST" || method == "PUT" {
            head += "Content-Length: \(requestCount)\r\n"
        }
        return head + "\r\n"
    }
}

extension ScriptedStream {
    /// Sends bytes in random pieces, with a pause here and there.
    func send(_ bytes: [UInt8], pieces random: inout SeededNumbers) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let limit = [1, 100, 3000, 40_000, 1_000_000].randomElement(using: &random) ?? 1
            let count = min(rest.count, Int.random(in: 1...limit, using: &random))
            try send(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
            if Int.random(in: 0..<12, using: &random) == 0 { pause(Int.random(in: 1...3, using: &random)) }
        }
    }

    /// Receives chunked content, with its trailers thrown away.
    func receiveChunks() throws -> [UInt8] {
        var content: [UInt8] = []
        while true {
            let line = try receive(through: "\r\n").dropLast(1)
            guard let count = Int(line.split(separator: ";").first ?? "", radix: 16) else {
                throw Unexpected(description: "a chunk of the size \(line)")
            }
            if count == 0 { break }
            content += try receive(count: count)
            guard try receive(count: 2) == [13, 10] else { throw Unexpected(description: "a chunk without an end") }
        }
        while try receive(through: "\r\n") != "\r\n" {}
        return content
    }
}

/// The value of a field of a head, in a storm's own plain spelling.
func fieldValue(_ name: String, _ head: String) -> String? {
    for line in head.split(separator: "\r\n") {
        let parts = line.split(separator: ":", maxSplits: 1)
        if parts.count == 2, parts[0].lowercased() == name { return String(parts[1].drop { $0 == " " }) }
    }
    return nil
}
