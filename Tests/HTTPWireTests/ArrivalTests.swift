import HTTPSemantics
import HTTPWire
import Testing

struct `However a head arrives` {
    /// The verdict on bytes that arrive in parts of some lengths, over and over.
    private func verdict(_ bytes: [UInt8], parts: [Int], parser: inout RequestParser) -> (HeadOutcome, length: Int) {
        var seen = 0
        var turn = 0
        var outcome = HeadOutcome.incomplete
        while seen < bytes.count, outcome == .incomplete {
            let count = min(seen + parts[turn % parts.count], bytes.count)
            turn += 1
            outcome = parser.parse(Array(bytes[..<count]).span, resumingAt: seen)
            seen = count
        }
        return (outcome, outcome == .complete ? parser.head.length : 0)
    }

    private func requests() -> [String] {
        let refused = RefusedRequest.lines + RefusedRequest.targets + RefusedRequest.fields + RefusedRequest.hosts
        return refused.map(\.text) + SmugglingCase.all.map(\.text)
    }

    @Test(arguments: [[1], [2], [3, 1], [7], [64, 1]]) func `the verdict is the same`(parts: [Int]) {
        var parser = RequestParser()
        for request in requests() {
            let bytes = bytes(request)
            let whole = verdict(bytes, parts: [bytes.count], parser: &parser)
            let split = verdict(bytes, parts: parts, parser: &parser)
            #expect(whole == split, "\(request.debugDescription)")
        }
    }

    @Test func `the verdict is the same for every single cut`() {
        var parser = RequestParser()
        for request in requests().filter({ $0.utf8.count < 200 }) {
            let bytes = bytes(request)
            let whole = verdict(bytes, parts: [bytes.count], parser: &parser)
            for cut in 1..<bytes.count {
                let split = verdict(bytes, parts: [cut, bytes.count], parser: &parser)
                #expect(whole == split, "\(request.debugDescription) cut at \(cut)")
            }
        }
    }

    @Test func `heads beyond the limits are refused the same way`() {
        var limits = HeadLimits()
        limits.requestLineBytesMax = 40
        limits.requestHeadBytesMax = 80
        limits.fieldsMax = 4
        var parser = RequestParser(limits: limits)
        var numbers = SeededNumbers(state: 11)
        let words = [
            "GET ", "/", "abcdefghij", " HTTP/1.1", "\r\n", "Host: a", "X: ", "\r\n\r\n", "\u{0}", ":", "\n", " ",
        ]
        var verdicts: Set<HeadOutcome> = []
        for _ in 0..<4000 {
            var request = Bool.random(using: &numbers) ? "GET /" : "GET / HTTP/1.1\r\nHost: a\r\nX: "
            for _ in 0..<Int.random(in: 1..<25, using: &numbers) {
                request += words.randomElement(using: &numbers) ?? ""
            }
            let bytes = bytes(request)
            let whole = verdict(bytes, parts: [bytes.count], parser: &parser)
            for parts in [[1], [3], [5, 2]] {
                let split = verdict(bytes, parts: parts, parser: &parser)
                #expect(whole == split, "\(request.debugDescription) in \(parts)")
            }
            verdicts.insert(whole.0)
        }
        #expect(verdicts.isSuperset(of: [.refused(.requestLineTooLong), .refused(.headTooLarge), .incomplete]))
    }

    @Test func `a response's verdict is the same`() {
        let responses = [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX : y\r\n\r\nhello", "HTTP/1.0 200\n\n",
            "HTTP/1.1 2000 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\n folded\r\n\r\n", "HTTP/1.1 200 O\rK\r\n\r\n", "nonsense\r\n",
            "HTTP/1\r\nHTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\nX: \u{0}\r\n\r\n",
        ]
        for response in responses {
            let bytes = bytes(response)
            var parser = ResponseParser()
            let whole = parser.parse(bytes.span, answering: .get)
            for step in [1, 2, 3] {
                var split = HeadOutcome.incomplete
                var seen = 0
                while seen < bytes.count, split == .incomplete {
                    let count = min(seen + step, bytes.count)
                    split = parser.parse(Array(bytes[..<count]).span, answering: .get, resumingAt: seen)
                    seen = count
                }
                #expect(whole == split, "\(response.debugDescription)")
            }
        }
    }

    @Test func `random bytes come to a verdict, and pieces lie within them`() {
        var numbers = SeededNumbers(state: 3)
        let alphabet = bytes("GETPOS /:.?#%[]@,;=\r\n\r\n\t aHostchunked015\u{0}\u{7f}\u{e4}")
        var parser = RequestParser()
        var responses = ResponseParser()
        for _ in 0..<20_000 {
            let start =
                Bool.random(using: &numbers) ? bytes("GET / HTTP/1.1\r\nHost: a\r\n") : bytes("HTTP/1.1 200 OK\r\n")
            let bytes =
                start
                + (0..<Int.random(in: 0..<60, using: &numbers)).map { _ in alphabet.randomElement(using: &numbers) ?? 0
                }
            if parser.parse(bytes.span) == .complete {
                let (length, count) = (parser.head.length, parser.fieldCount)
                #expect(length <= bytes.count)
                for index in 0..<count {
                    let line = parser.field(at: index)
                    #expect(line.name.start >= 0 && Int(line.value.end) <= length)
                }
            }
            if responses.parse(bytes.span, answering: .get) == .complete {
                let length = responses.head.length
                #expect(length <= bytes.count)
            }
            _ = ParsedChunks(Array(bytes.dropFirst(start.count)))
        }
    }
}
