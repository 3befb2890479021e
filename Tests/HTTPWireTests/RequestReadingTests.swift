import HTTPSemantics
import HTTPWire
import Testing

struct `A request` {
    @Test func `is read into its parts`() {
        let request = ParsedRequest(
            "POST /a/b?c=d?e HTTP/1.1\r\nHost: Shop.example.com:8080\r\nContent-Length: 5\r\n\r\nhello"
        )
        #expect(request.outcome == .complete)
        let head = request.head
        #expect(head.length == request.bytes.count - 5)
        #expect(head.method == .post)
        #expect(request.text(head.methodPiece) == "POST")
        #expect(request.text(head.target) == "/a/b?c=d?e")
        #expect(head.form == .origin)
        #expect(request.text(head.path) == "/a/b")
        #expect(head.hasQuery)
        #expect(request.text(head.query) == "c=d?e")
        #expect(request.text(head.host) == "Shop.example.com")
        #expect(request.text(head.authority) == "Shop.example.com:8080")
        #expect(head.port == 8080)
        #expect(head.hasHost)
        #expect(head.minorVersion == 1)
        #expect(head.framing == .length(5))
        #expect(head.isPersistent)
        #expect(!head.expectsContinue && !head.asksUpgrade && !head.acceptsTrailers)
    }

    @Test(arguments: [
        ("GET / HTTP/1.1", "/", nil), ("GET /? HTTP/1.1", "/", ""), ("GET /a?b HTTP/1.1", "/a", "b"),
        ("GET //a//b HTTP/1.1", "//a//b", nil), ("GET /%zz HTTP/1.1", "/%zz", nil),
        ("GET /a\\b|c\"<>^`{} HTTP/1.1", "/a\\b|c\"<>^`{}", nil),
        ("OPTIONS * HTTP/1.1", "", nil), ("GET http://b HTTP/1.1", "", nil), ("GET http://b?c HTTP/1.1", "", "c"),
        ("GET HTTPS://b/c/d?e HTTP/1.1", "/c/d", "e"),
    ])
    func `has a path and perhaps a query`(line: String, path: String, query: String?) {
        let request = ParsedRequest(line + "\r\nHost: a\r\n\r\n")
        #expect(request.outcome == .complete)
        #expect(request.text(request.head.path) == path)
        #expect((request.head.hasQuery ? request.text(request.head.query) : nil) == query)
    }

    @Test(arguments: [
        ("a", "a", 0), ("a:80", "a", 80), ("a:", "a", 0), ("a.", "a", 0), ("a.b.:81", "a.b", 81),
        ("A_b~c-d.e", "A_b~c-d.e", 0),
        ("127.0.0.1:65535", "127.0.0.1", 65535), ("[::1]", "[::1]", 0), ("[2001:db8::1]:443", "[2001:db8::1]", 443),
        ("[::ffff:10.0.0.1]", "[::ffff:10.0.0.1]", 0), ("a:00080", "a", 80),
    ])
    func `has a host without port and final dot`(value: String, host: String, port: UInt16) {
        let request = ParsedRequest("GET / HTTP/1.1\r\nHost: \(value)\r\n\r\n")
        #expect(request.outcome == .complete)
        #expect(request.text(request.head.host) == host)
        #expect(request.text(request.head.authority) == value)
        #expect(request.head.port == port)
    }

    @Test func `goes to the host that the target names`() {
        let request = ParsedRequest("GET http://x.org:81/p HTTP/1.1\r\nHost: other:82\r\n\r\n")
        #expect(request.outcome == .complete)
        #expect(request.head.form == .absolute)
        #expect(request.text(request.head.host) == "x.org")
        #expect(request.text(request.head.authority) == "x.org:81")
        #expect(request.head.port == 81)
    }

    @Test func `of HTTP 1.0 needs no host and ends its connection`() {
        let request = ParsedRequest("GET / HTTP/1.0\r\n\r\n")
        #expect(request.outcome == .complete)
        #expect(!request.head.hasHost)
        #expect(request.head.minorVersion == 0)
        #expect(!request.head.isPersistent)
    }

    @Test func `of a later minor version counts as 1.1`() {
        let request = ParsedRequest("GET / HTTP/1.9\r\nHost: a\r\n\r\n")
        #expect(request.outcome == .complete)
        #expect(request.head.minorVersion == 1)
    }

    @Test func `may follow up to four empty lines`() {
        let request = ParsedRequest("\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(request.outcome == .complete)
        #expect(request.head.length == request.bytes.count)
    }

    @Test(arguments: [
        ("get", HTTPMethod.other), ("PROPFIND", .other), ("LOCK", .lock), ("PATCH", .patch), ("DELETE", .delete),
        ("M-SEARCH", .other),
    ])
    func `may have any token for a method`(name: String, method: HTTPMethod) {
        let request = ParsedRequest("\(name) / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(request.outcome == .complete)
        #expect(request.head.method == method)
        #expect(request.text(request.head.methodPiece) == name)
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false),
        ("HTTP/1.1", "Connection: Keep-Alive, CLOSE\r\n", false),
        ("HTTP/1.1", "Connection: x\r\nConnection: close\r\n", false), ("HTTP/1.0", "Connection: keep-alive\r\n", true),
        ("HTTP/1.0", "Connection: keep-alive\r\nConnection: close\r\n", false),
        ("HTTP/1.1", "Connection: closed\r\n", true),
        ("HTTP/1.1", "Connection: ,, close ,\r\n", false), ("HTTP/1.1", "Proxy-Connection: close\r\n", true),
    ])
    func `says whether its connection lives on`(version: String, fields: String, lives: Bool) {
        let request = ParsedRequest("GET / \(version)\r\nHost: a\r\n\(fields)\r\n")
        #expect(request.outcome == .complete)
        #expect(request.head.isPersistent == lives)
    }

    @Test(arguments: [
        ("HTTP/1.1", "Content-Length: 3\r\nExpect: 100-continue\r\n", true),
        ("HTTP/1.1", "Transfer-Encoding: chunked\r\nExpect: 100-Continue\r\n", true),
        ("HTTP/1.1", "Content-Length: 0\r\nExpect: 100-continue\r\n", false),
        ("HTTP/1.1", "Expect: 100-continue\r\n", false),
        ("HTTP/1.0", "Content-Length: 3\r\nExpect: 100-continue\r\n", false),
        ("HTTP/1.1", "Content-Length: 3\r\nExpect: something\r\n", false),
    ])
    func `waits for 100 only with content to send`(version: String, fields: String, waits: Bool) {
        let request = ParsedRequest("PUT / \(version)\r\nHost: a\r\n\(fields)\r\n")
        #expect(request.outcome == .complete)
        #expect(request.head.expectsContinue == waits)
    }

    @Test(arguments: [
        ("HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\n", true),
        ("HTTP/1.1", "Connection: keep-alive, upgrade\r\nUpgrade: websocket\r\n", true),
        ("HTTP/1.1", "Upgrade: websocket\r\n", false), ("HTTP/1.1", "Connection: upgrade\r\n", false),
        ("HTTP/1.0", "Connection: upgrade\r\nUpgrade: websocket\r\n", false),
    ])
    func `asks for another protocol with both fields`(version: String, fields: String, asks: Bool) {
        let request = ParsedRequest("GET / \(version)\r\nHost: a\r\n\(fields)\r\n")
        #expect(request.outcome == .complete)
        #expect(request.head.asksUpgrade == asks)
        #expect(request.text(request.head.upgrade) == (asks ? "websocket" : ""))
    }

    @Test(arguments: [("trailers", true), ("gzip, Trailers", true), ("trailers;q=1", false), ("trailer", false)])
    func `says whether trailers are welcome`(value: String, accepts: Bool) {
        let request = ParsedRequest("GET / HTTP/1.1\r\nHost: a\r\nTE: \(value)\r\n\r\n")
        #expect(request.head.acceptsTrailers == accepts)
    }

    @Test func `that is repeated with one parser leaves nothing behind`() {
        var parser = RequestParser()
        let first = bytes(
            "POST /x?y HTTP/1.1\r\nHost: a:1\r\nContent-Length: 3\r\nContent-Length: 3\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n"
        )
        let second = bytes("GET / HTTP/1.0\r\n\r\n")
        let outcomes = [parser.parse(first.span), parser.parse(second.span)]
        #expect(outcomes == [.complete, .complete])
        let head = parser.head
        #expect(head.framing == .none && !head.hasQuery && !head.hasHost && head.port == 0 && !head.asksUpgrade)
        let (count, length) = (parser.fieldCount, parser.first(.contentLength))
        #expect(count == 0)
        #expect(length == nil)
    }
}
