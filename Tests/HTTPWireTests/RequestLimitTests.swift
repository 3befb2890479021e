import HTTPSemantics
import HTTPWire
import Testing

struct `The limits of a request` {
    private func request(targetBytes: Int) -> String {
        "GET /" + String(repeating: "a", count: targetBytes - 1) + " HTTP/1.1\r\nHost: a\r\n\r\n"
    }

    @Test func `a request line of 16 KiB is read and one of a byte more is not`() {
        // GET, two spaces, the version and CRLF are fifteen bytes.
        #expect(ParsedRequest(request(targetBytes: 16 * 1024 - 15)).outcome == .complete)
        #expect(ParsedRequest(request(targetBytes: 16 * 1024 - 14)).outcome == .refused(.requestLineTooLong))
    }

    @Test func `a request line without an end is refused as soon as it is too long`() {
        let start = "GET /" + String(repeating: "a", count: 16 * 1024 - 5)
        #expect(ParsedRequest(start).outcome == .incomplete)
        #expect(ParsedRequest(start + "a").outcome == .refused(.requestLineTooLong))
    }

    @Test func `a head of 32 KiB is read and one of a byte more is not`() {
        let frame = "GET / HTTP/1.1\r\nHost: a\r\nCookie: \r\n\r\n".utf8.count
        func request(_ bytes: Int) -> ParsedRequest {
            let cookie = String(repeating: "c", count: bytes - frame)
            return ParsedRequest("GET / HTTP/1.1\r\nHost: a\r\nCookie: \(cookie)\r\n\r\n")
        }
        #expect(request(32 * 1024).outcome == .complete)
        #expect(request(32 * 1024).head.length == 32 * 1024)
        #expect(request(32 * 1024 + 1).outcome == .refused(.headTooLarge))
        #expect(request(48 * 1024).outcome == .refused(.headTooLarge))
    }

    @Test func `two hundred fields are read and one more is not`() {
        func request(_ fields: Int) -> ParsedRequest {
            let others = (1..<fields).map { "X-\($0): y\r\n" }.joined()
            return ParsedRequest("GET / HTTP/1.1\r\nHost: a\r\n\(others)\r\n")
        }
        #expect(request(200).outcome == .complete)
        #expect(request(200).fields.count == 200)
        #expect(request(201).outcome == .refused(.tooManyFields))
    }

    @Test func `the status of a head that is too large is a setting`() {
        var limits = HeadLimits()
        #expect(limits.status(for: .headTooLarge) == .badRequest)
        limits.oversizeStatus = .requestHeaderFieldsTooLarge
        #expect(limits.status(for: .headTooLarge) == .requestHeaderFieldsTooLarge)
        #expect(limits.status(for: .tooManyFields) == .requestHeaderFieldsTooLarge)
        #expect(limits.status(for: .requestLineTooLong) == .uriTooLong)
    }

    @Test func `a head of which nothing new was read stays incomplete`() {
        let start = bytes("GET / HTTP/1.1\r\nHost: a\r\nX: some value that goes on")
        var parser = RequestParser()
        let first = parser.parse(start.span)
        #expect(first == .incomplete)
        let more = start + bytes(" and on")
        let second = parser.parse(more.span, resumingAt: start.count)
        #expect(second == .incomplete)
        let whole = more + bytes("\r\n\r\n")
        let third = parser.parse(whole.span, resumingAt: more.count)
        #expect(third == .complete)
    }
}
