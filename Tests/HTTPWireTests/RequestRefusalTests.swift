import HTTPSemantics
import HTTPWire
import Testing

/// A request that must be refused.
struct RefusedRequest: CustomTestStringConvertible, Sendable {
    let name: String
    let text: String
    let fault: HeadFault

    init(_ name: String, _ text: String, _ fault: HeadFault) {
        self.name = name
        self.text = text
        self.fault = fault
    }

    var testDescription: String { name }

    private static let host = "Host: a\r\n"

    static let lines = [
        RefusedRequest("bare LF behind the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", .bareLineFeed),
        RefusedRequest("bare LF behind a field", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", .bareLineFeed),
        RefusedRequest("bare LF as the empty line", "GET / HTTP/1.1\r\nHost: a\r\n\n", .bareLineFeed),
        RefusedRequest("bare CR in the request line", "GET / HTTP/1.1\rHost: a\r\n\r\n", .bareCarriageReturn),
        RefusedRequest("bare CR in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", .bareCarriageReturn),
        RefusedRequest("CR CR LF", "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", .bareCarriageReturn),
        RefusedRequest(
            "five empty lines first",
            "\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            .emptyLinesFirst
        ),
        RefusedRequest("a LF first", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .illegalMethod),
        RefusedRequest("a space first", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", .notHTTP),
        RefusedRequest("TLS", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", .notHTTP),
        RefusedRequest("method with a colon", "GE:T / HTTP/1.1\r\n" + host + "\r\n", .illegalMethod),
        RefusedRequest("method with a control character", "GE\u{1}T / HTTP/1.1\r\n" + host + "\r\n", .illegalMethod),
        RefusedRequest("method and a tab", "GET\t/ HTTP/1.1\r\n" + host + "\r\n", .illegalMethod),
        RefusedRequest("CONNECT", "CONNECT a:443 HTTP/1.1\r\n" + host + "\r\n", .connectNotAllowed),
        RefusedRequest("TRACE", "TRACE / HTTP/1.1\r\n" + host + "\r\n", .traceNotAllowed),
        RefusedRequest("HTTP/0.9", "GET /\r\n", .simpleRequest),
        RefusedRequest("HTTP/0.9 with a version", "GET / HTTP/0.9\r\n\r\n", .unsupportedVersion),
        RefusedRequest("HTTP/2.0", "GET / HTTP/2.0\r\n" + host + "\r\n", .unsupportedVersion),
        RefusedRequest("preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unsupportedVersion),
        RefusedRequest("HTTP/3.7", "GET / HTTP/3.7\r\n" + host + "\r\n", .unsupportedVersion),
        RefusedRequest("HTTP/1.10", "GET / HTTP/1.10\r\n" + host + "\r\n", .illegalVersion),
        RefusedRequest("HTTP/1", "GET / HTTP/1\r\n" + host + "\r\n", .illegalVersion),
        RefusedRequest("HTTP/01.1", "GET / HTTP/01.1\r\n" + host + "\r\n", .illegalVersion),
        RefusedRequest("http in small letters", "GET / http/1.1\r\n" + host + "\r\n", .illegalVersion),
        RefusedRequest("HTPT/1.1", "GET / HTPT/1.1\r\n" + host + "\r\n", .illegalVersion),
        RefusedRequest("a space behind the version", "GET / HTTP/1.1 \r\n" + host + "\r\n", .spaceInTarget),
        RefusedRequest("two spaces before the target", "GET  / HTTP/1.1\r\n" + host + "\r\n", .spaceInTarget),
        RefusedRequest("a space in the target", "GET /a b HTTP/1.1\r\n" + host + "\r\n", .spaceInTarget),
    ]

    static let targets = [
        RefusedRequest("NUL in the target", "GET /a\u{0} HTTP/1.1\r\n" + host + "\r\n", .illegalTargetByte),
        RefusedRequest("tab in the target", "GET /a\tb HTTP/1.1\r\n" + host + "\r\n", .illegalTargetByte),
        RefusedRequest("DEL in the target", "GET /a\u{7f} HTTP/1.1\r\n" + host + "\r\n", .illegalTargetByte),
        RefusedRequest("UTF-8 in the target", "GET /\u{c3}\u{a4} HTTP/1.1\r\n" + host + "\r\n", .illegalTargetByte),
        RefusedRequest("fragment", "GET /a#b HTTP/1.1\r\n" + host + "\r\n", .fragmentInTarget),
        RefusedRequest("fragment behind a query", "GET /a?b#c HTTP/1.1\r\n" + host + "\r\n", .fragmentInTarget),
        RefusedRequest("relative path", "GET a/b HTTP/1.1\r\n" + host + "\r\n", .illegalTarget),
        RefusedRequest("query alone", "GET ?a HTTP/1.1\r\n" + host + "\r\n", .illegalTarget),
        RefusedRequest("asterisk with GET", "GET * HTTP/1.1\r\n" + host + "\r\n", .illegalTarget),
        RefusedRequest("asterisk with a query", "OPTIONS *?a HTTP/1.1\r\n" + host + "\r\n", .illegalTarget),
        RefusedRequest("authority with GET", "GET a:80 HTTP/1.1\r\n" + host + "\r\n", .illegalTarget),
        RefusedRequest("ftp", "GET ftp://a/ HTTP/1.1\r\n" + host + "\r\n", .illegalTarget),
        RefusedRequest("one slash behind the scheme", "GET http:/a HTTP/1.1\r\n" + host + "\r\n", .illegalTarget),
        RefusedRequest("absolute without a host", "GET http:///a HTTP/1.1\r\n" + host + "\r\n", .illegalHost),
        RefusedRequest("absolute with a query for a host", "GET http://?a HTTP/1.1\r\n" + host + "\r\n", .illegalHost),
        RefusedRequest("user name", "GET http://u@a/ HTTP/1.1\r\n" + host + "\r\n", .illegalHost),
        RefusedRequest("user name and password", "GET http://u:p@a/ HTTP/1.1\r\n" + host + "\r\n", .illegalPort),
        RefusedRequest("backslash in the authority", "GET http://a\\b/ HTTP/1.1\r\n" + host + "\r\n", .illegalHost),
    ]

    static let fields = [
        RefusedRequest("folded line", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", .foldedLine),
        RefusedRequest("folded line with a tab", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb\r\n\r\n", .foldedLine),
        RefusedRequest("first field folded", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", .foldedLine),
        RefusedRequest("space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", .spaceBeforeColon),
        RefusedRequest("tab before the colon", "GET / HTTP/1.1\r\nHost\t: a\r\n\r\n", .spaceBeforeColon),
        RefusedRequest("no colon", "GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n", .missingColon),
        RefusedRequest("no name", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", .emptyFieldName),
        RefusedRequest("space in a name", "GET / HTTP/1.1\r\nHost: a\r\nX Y: b\r\n\r\n", .illegalFieldName),
        RefusedRequest("parenthesis in a name", "GET / HTTP/1.1\r\nHost: a\r\nX(Y: b\r\n\r\n", .illegalFieldName),
        RefusedRequest("NUL in a name", "GET / HTTP/1.1\r\nHost: a\r\nX\u{0}: b\r\n\r\n", .illegalFieldName),
        RefusedRequest(
            "a byte beyond ASCII in a name",
            "GET / HTTP/1.1\r\nHost: a\r\nX\u{e4}: b\r\n\r\n",
            .illegalFieldName
        ),
        RefusedRequest("NUL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\u{0}b\r\n\r\n", .illegalFieldValue),
        RefusedRequest("vertical tab in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: \u{b}b\r\n\r\n", .illegalFieldValue),
        RefusedRequest("DEL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\u{7f}\r\n\r\n", .illegalFieldValue),
        RefusedRequest(
            "33 connection options",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: "
                + Array(repeating: "x", count: 33).joined(separator: ",") + "\r\n\r\n",
            .tooManyConnectionOptions
        ),
        RefusedRequest(
            "quoted connection option",
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: \"close\"\r\n\r\n",
            .illegalConnectionOption
        ),
    ]

    static let hosts = [
        RefusedRequest("no Host in HTTP/1.1", "GET / HTTP/1.1\r\n\r\n", .missingHost),
        RefusedRequest("absolute target and no Host", "GET http://a/ HTTP/1.1\r\n\r\n", .missingHost),
        RefusedRequest("two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", .severalHosts),
        RefusedRequest("two equal Hosts", "GET / HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n", .severalHosts),
        RefusedRequest("two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", .severalHosts),
        RefusedRequest("empty Host", "GET / HTTP/1.1\r\nHost: \r\n\r\n", .illegalHost),
        RefusedRequest("a list of hosts", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", .illegalHost),
        RefusedRequest("a space in Host", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .illegalHost),
        RefusedRequest("a slash in Host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .illegalHost),
        RefusedRequest("an at sign in Host", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", .illegalHost),
        RefusedRequest("an escape in Host", "GET / HTTP/1.1\r\nHost: a%2eb\r\n\r\n", .illegalHost),
        RefusedRequest("UTF-8 in Host", "GET / HTTP/1.1\r\nHost: \u{c3}\u{a4}\r\n\r\n", .illegalHost),
        RefusedRequest("an empty label", "GET / HTTP/1.1\r\nHost: a..b\r\n\r\n", .illegalHost),
        RefusedRequest("a dot first", "GET / HTTP/1.1\r\nHost: .a\r\n\r\n", .illegalHost),
        RefusedRequest("only a dot", "GET / HTTP/1.1\r\nHost: .\r\n\r\n", .illegalHost),
        RefusedRequest("two final dots", "GET / HTTP/1.1\r\nHost: a..\r\n\r\n", .illegalHost),
        RefusedRequest("only a port", "GET / HTTP/1.1\r\nHost: :80\r\n\r\n", .illegalHost),
        RefusedRequest("an open bracket", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", .illegalHost),
        RefusedRequest("no address in brackets", "GET / HTTP/1.1\r\nHost: [a]\r\n\r\n", .illegalHost),
        RefusedRequest("an address with a zone", "GET / HTTP/1.1\r\nHost: [fe80::1%25eth0]\r\n\r\n", .illegalHost),
        RefusedRequest("something behind the bracket", "GET / HTTP/1.1\r\nHost: [::1]a\r\n\r\n", .illegalHost),
        RefusedRequest("a port beyond 65535", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", .illegalPort),
        RefusedRequest("port 0", "GET / HTTP/1.1\r\nHost: a:0\r\n\r\n", .illegalPort),
        RefusedRequest("a port with a sign", "GET / HTTP/1.1\r\nHost: a:+80\r\n\r\n", .illegalPort),
        RefusedRequest("two ports", "GET / HTTP/1.1\r\nHost: a:80:81\r\n\r\n", .illegalPort),
    ]
}

struct `A request is refused` {
    @Test(arguments: RefusedRequest.lines) func `for its first line`(request: RefusedRequest) {
        #expect(ParsedRequest(request.text).outcome == .refused(request.fault))
    }

    @Test(arguments: RefusedRequest.targets) func `for its target`(request: RefusedRequest) {
        #expect(ParsedRequest(request.text).outcome == .refused(request.fault))
    }

    @Test(arguments: RefusedRequest.fields) func `for a field line`(request: RefusedRequest) {
        #expect(ParsedRequest(request.text).outcome == .refused(request.fault))
    }

    @Test(arguments: RefusedRequest.hosts) func `for its host`(request: RefusedRequest) {
        #expect(ParsedRequest(request.text).outcome == .refused(request.fault))
    }

    @Test func `when the target names another host and the gateway is strict`() {
        let request = "GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n"
        #expect(ParsedRequest(request, strictHost: true).outcome == .refused(.hostMismatch))
        #expect(ParsedRequest(request).outcome == .complete)
        #expect(ParsedRequest("GET http://A/ HTTP/1.1\r\nHost: a:80\r\n\r\n", strictHost: true).outcome == .complete)
        #expect(ParsedRequest("GET https://a./ HTTP/1.1\r\nHost: a:443\r\n\r\n", strictHost: true).outcome == .complete)
        let otherPort = ParsedRequest("GET http://a:81/ HTTP/1.1\r\nHost: a\r\n\r\n", strictHost: true)
        #expect(otherPort.outcome == .refused(.hostMismatch))
    }

    @Test(
        arguments: zip(
            [HeadFault.requestLineTooLong, .connectNotAllowed, .unknownCoding, .unsupportedVersion, .severalHosts],
            [HTTPStatus.uriTooLong, .methodNotAllowed, .notImplemented, .httpVersionNotSupported, .badRequest]
        )
    )
    func `with a status that fits the fault`(fault: HeadFault, status: HTTPStatus) {
        #expect(fault.status == status)
    }

    @Test func `with a sentence of its own for every fault`() {
        let sentences = HeadFault.allCases.map(\.description)
        #expect(Set(sentences).count == sentences.count)
        #expect(HeadFault.severalHosts.description == "two Host fields")
    }
}
