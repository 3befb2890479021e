import HTTPSemantics
import HTTPWire
import Testing

struct `A response` {
    @Test func `is read into its parts`() {
        let response = ParsedResponse("HTTP/1.1 404 Not Found\r\nDate: now\r\nContent-Length: 12\r\n\r\n")
        #expect(response.outcome == .complete)
        #expect(response.head.status == 404)
        #expect(response.text(response.head.reason) == "Not Found")
        #expect(response.head.length == response.bytes.count)
        #expect(response.head.framing == .length(12))
        #expect(response.head.isPersistent)
        #expect(response.head.hasDate)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 \r\n\r\n", ""), ("HTTP/1.1 200\r\n\r\n", ""), ("HTTP/1.0 200 OK\r\n\r\n", "OK"),
        ("HTTP/1.1 200 OK\n\n", "OK"),
        ("HTTP/1.1 200 a\tb  c\r\n\r\n", "a\tb  c"), ("HTTP/1.1 200 OK\r\nX: y\nZ: z\n\r\n", "OK"),
        ("HTTP/1.1 599 \u{e4}\r\n\r\n", nil),
        ("HTTP/1.2 200 OK\r\n\r\n", "OK"),
    ])
    func `may be untidy in what does no harm`(text: String, reason: String?) {
        let response = ParsedResponse(text)
        #expect(response.outcome == .complete)
        if let reason { #expect(response.text(response.head.reason) == reason) }
    }

    @Test func `may have white space before a colon, which is taken away`() {
        let response = ParsedResponse("HTTP/1.1 200 OK\r\nContent-Length \t: 5\r\n\r\n")
        #expect(response.outcome == .complete)
        #expect(response.text(response.fields[0].name) == "Content-Length")
        #expect(response.head.framing == .length(5))
    }

    @Test(arguments: [
        ("HTTP/1.1 20 OK\r\n\r\n", HeadFault.illegalStatusLine), ("HTTP/1.1 2000 OK\r\n\r\n", .illegalStatusLine),
        ("HTTP/1.1 099 OK\r\n\r\n", .illegalStatusLine), ("HTTP/1.1  200 OK\r\n\r\n", .illegalStatusLine),
        ("HTTP/1.1\t200 OK\r\n\r\n", .illegalStatusLine), ("HTTP/1.1 abc OK\r\n\r\n", .illegalStatusLine),
        ("HTTP/1.1 200 O\u{0}K\r\n\r\n", .illegalStatusLine), ("HTTP/1.1 200 O\rK\r\n\r\n", .illegalStatusLine),
        ("HTTP/2.0 200 OK\r\n\r\n", .unsupportedVersion), ("ICY 200 OK and more\r\n\r\n", .illegalVersion),
        ("\r\n", .illegalStatusLine), ("<html><body>\r\n", .illegalVersion),
        ("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", .foldedLine),
        ("HTTP/1.1 200 OK\r\nX Y: a\r\n\r\n", .illegalFieldName),
        ("HTTP/1.1 200 OK\r\n : a\r\n\r\n", .foldedLine), ("HTTP/1.1 200 OK\r\nX: a\u{0}\r\n\r\n", .illegalFieldValue),
        ("HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n", .bareCarriageReturn), ("HTTP/1.1 200 OK\r\nX\r\n\r\n", .missingColon),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", .lengthAndCoding),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", .illegalContentLength),
        ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", .severalContentLengths),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .unknownCoding),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", .illegalCoding),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .codingInOldVersion),
    ])
    func `is refused for what delimits it wrongly`(text: String, fault: HeadFault) {
        #expect(ParsedResponse(text).outcome == .refused(fault))
    }

    @Test(arguments: [
        (HTTPMethod.get, "200", "Content-Length: 7\r\n", BodyFraming.length(7), true),
        (.get, "200", "Content-Length: 7, 7\r\nContent-Length: 7\r\n", .length(7), true),
        (.get, "200", "Transfer-Encoding: Chunked\r\n", .chunked, true), (.get, "200", "", .untilClose, false),
        (.head, "200", "Content-Length: 7\r\n", .none, true),
        (.head, "200", "Transfer-Encoding: chunked\r\n", .none, true),
        (.head, "200", "", .none, true), (.get, "304", "Content-Length: 7\r\n", .none, true),
        (.get, "304", "", .none, true),
        (.get, "204", "", .none, true), (.get, "204", "Content-Length: 0\r\n", .none, true),
        (.get, "204", "Content-Length: 7\r\n", .none, false),
        (.get, "204", "Transfer-Encoding: chunked\r\n", .none, false),
        (.get, "100", "", .none, true), (.get, "103", "Transfer-Encoding: chunked\r\n", .none, false),
        (.get, "200", "Content-Length: 7\r\nConnection: close\r\n", .length(7), false),
        (.get, "205", "Content-Length: 0\r\n", .length(0), true),
    ])
    func `has content as its status and the method have it`(
        method: HTTPMethod,
        status: String,
        fields: String,
        framing: BodyFraming,
        isPersistent: Bool
    ) {
        let response = ParsedResponse("HTTP/1.1 \(status) X\r\n\(fields)\r\n", answering: method)
        #expect(response.outcome == .complete)
        #expect(response.head.framing == framing)
        #expect(response.head.isPersistent == isPersistent)
    }

    @Test func `of HTTP 1.0 lives on only when it says so`() {
        #expect(!ParsedResponse("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n").head.isPersistent)
        #expect(
            ParsedResponse("HTTP/1.0 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n").head.isPersistent
        )
        #expect(!ParsedResponse("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n").head.isPersistent)
    }

    @Test func `may be an interim one or a change of protocols`() {
        let early = ParsedResponse("HTTP/1.1 103 Early Hints\r\n\r\n").head
        #expect(early.isInterim && !early.isSwitchingProtocols)
        let change = ParsedResponse("HTTP/1.1 101 Go\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n")
        #expect(!change.head.isInterim && change.head.isSwitchingProtocols)
        #expect(change.text(change.head.upgrade) == "websocket")
        #expect(!ParsedResponse("HTTP/1.1 200 OK\r\n\r\n").head.isInterim)
    }

    @Test func `keeps names with underscores, and loses what Connection names`() {
        let response = ParsedResponse(
            "HTTP/1.1 200 OK\r\nX_a: b\r\nConnection: X-B, Set-Cookie\r\nX-B: c\r\nSet-Cookie: d\r\n\r\n"
        )
        #expect(response.fields.filter(\.isDropped).isEmpty)
        #expect(response.fields.filter(\.isHopByHop).map { response.text($0.name) } == ["Connection", "X-B"])
    }

    @Test func `has a head of at most 64 KiB`() {
        let frame = "HTTP/1.1 200 OK\r\nA: \r\n\r\n".utf8.count
        func response(_ bytes: Int) -> ParsedResponse {
            ParsedResponse("HTTP/1.1 200 OK\r\nA: \(String(repeating: "b", count: bytes - frame))\r\n\r\n")
        }
        #expect(response(64 * 1024).outcome == .complete)
        #expect(response(64 * 1024 + 1).outcome == .refused(.headTooLarge))
    }
}
