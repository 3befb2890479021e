import ByteBuffers
import HTTPSemantics
import HTTPWire
import Testing

struct `The fields of a request` {
    private func request(_ fields: String...) -> ParsedRequest {
        ParsedRequest("GET / HTTP/1.1\r\nHost: a\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n")
    }

    @Test(arguments: [
        ("X: a b", "a b"), ("X:a", "a"), ("X:  \t a \t ", "a"), ("X:", ""), ("X: ", ""), ("X: a\tb", "a\tb"),
        ("X: \u{e4}\u{ff}", nil),
        ("X: :", ":"), ("X: " + String(repeating: "v", count: 100), String(repeating: "v", count: 100)),
    ])
    func `have values without white space around them`(line: String, value: String?) {
        let request = request(line)
        #expect(request.outcome == .complete)
        #expect(request.fields.count == 2)
        #expect(request.text(request.fields[1].name) == "X")
        if let value {
            #expect(request.text(request.fields[1].value) == value)
        } else {
            #expect(request.fields[1].value.count == 2)
        }
    }

    @Test func `are hop-by-hop by their name`() {
        let names = [
            "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Upgrade", "Expect", "Proxy", "HTTP2-Settings",
            "Proxy-Authenticate", "Proxy-Authorization",
        ]
        for name in names {
            let request = request("\(name): x", "X-Other: y")
            #expect(request.names(where: \.isHopByHop) == [name])
        }
        #expect(
            ParsedRequest("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n").names(where: \.isHopByHop)
                == ["Transfer-Encoding"]
        )
    }

    @Test func `are hop-by-hop when Connection names them`() {
        let request = request("X-One: 1", "Connection: x-ONE, other", "x-one: 2", "X-Two: 3", "Connection: x-two")
        #expect(request.names(where: \.isHopByHop) == ["X-One", "Connection", "x-one", "X-Two", "Connection"])
    }

    @Test(arguments: [
        "Authorization", "Cookie", "Content-Type", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host",
        "X-Real-IP",
        "X-Request-ID", "Forwarded", "Origin", "Cache-Control", "X-Original-Forwarded-For", "ssl-client-verify",
    ])
    func `stay although Connection names them when security rests on them`(name: String) {
        let request = request("\(name): x", "Connection: \(name), Host")
        #expect(request.outcome == .complete)
        #expect(request.names(where: \.isHopByHop) == ["Connection"])
    }

    @Test func `are dropped for names that programs mistake for others`() {
        let request = request("X_Under: 1", "X.Dot: 2", "X-Good: 3", "X!: 4", "Content_Length: 5", "x1-2: 6")
        #expect(request.names(where: \.isDropped) == ["X_Under", "X.Dot", "X!", "Content_Length"])
        #expect(request.head.framing == .none)
    }

    @Test func `are found by what they mean`() {
        let bytes = bytes("GET / HTTP/1.1\r\nhOsT: a\r\nX-Forwarded-For: 1\r\nCOOKIE: c\r\nx-forwarded-for: 2\r\n\r\n")
        var parser = RequestParser()
        let outcome = parser.parse(bytes.span)
        #expect(outcome == .complete)
        let (forwarded, cookie, date) = (parser.first(.xForwardedFor), parser.first(.cookie), parser.first(.date))
        #expect(forwarded.map { text($0.value, of: bytes) } == "1")
        #expect(cookie.map { text($0.value, of: bytes) } == "c")
        #expect(date == nil)
    }

    @Test func `are written anew without what is not forwarded`() {
        let bytes = bytes(
            "POST / HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nX-Two:2\r\nConnection: X-Three\r\nX-Three: 3\r\nX_Four: 4\r\n"
                + "Content-Length: 7, 7\r\nContent-Length: 7\r\nX-Five:  5 \t\r\nCookie: c\r\nX-Empty:\r\nX-Six: 6\r\n\r\n"
        )
        var parser = RequestParser()
        let outcome = parser.parse(bytes.span)
        #expect(outcome == .complete)
        var buffer = ByteBuffer()
        parser.appendFields(from: bytes.span, except: [.host, .cookie], to: &buffer)
        #expect(text(buffer) == "X-One: 1\r\nX-Two: 2\r\nContent-Length: 7\r\nX-Five: 5\r\nX-Empty: \r\nX-Six: 6\r\n")
        var single = ByteBuffer()
        for index in 0..<parser.fieldCount {
            let line = parser.field(at: index)
            if !line.isHopByHop, !line.isDropped, line.known != .host, line.known != .cookie {
                single.appendFieldLine(line, from: bytes.span)
            }
        }
        #expect(text(single) == text(buffer))
    }
}
