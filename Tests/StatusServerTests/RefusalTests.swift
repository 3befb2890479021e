import LinuxSystem
import NetworkAddress
import StatusServer
import Testing

struct `Requests that a status server refuses` {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let request: String
        let status: Int
        var testDescription: String { name }
    }

    @Test(arguments: [
        Case(name: "words are missing", request: "GET /\r\n\r\n", status: 400),
        Case(name: "two blanks", request: "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", status: 400),
        Case(name: "another protocol", request: "GET / SPDY/3\r\n\r\n", status: 400),
        Case(name: "another version", request: "GET / HTTP/2.0\r\nHost: a\r\n\r\n", status: 505),
        Case(name: "a target that is no path", request: "GET x HTTP/1.1\r\nHost: a\r\n\r\n", status: 400),
        Case(name: "a byte beyond ASCII in the target", request: "GET /é HTTP/1.1\r\nHost: a\r\n\r\n", status: 400),
        Case(name: "no Host", request: "GET / HTTP/1.1\r\n\r\n", status: 400),
        Case(name: "two Hosts", request: "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", status: 400),
        Case(name: "a blank before the colon", request: "GET / HTTP/1.1\r\nHost : a\r\n\r\n", status: 400),
        Case(name: "a folded line", request: "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", status: 400),
        Case(name: "a lone carriage return", request: "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", status: 400),
        Case(
            name: "a length that is no number",
            request: "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n",
            status: 400
        ),
        Case(
            name: "a length beside a transfer coding",
            request: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            status: 400
        ),
        Case(
            name: "a head that is too long",
            request: "GET / HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "x", count: 9000),
            status: 431
        ),
        Case(
            name: "too many fields",
            request: "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 70) + "\r\n",
            status: 431
        ),
    ])
    func `what is malformed is told and the connection closed`(refused: Case) throws {
        let server = try StatusServer()
        let client = try TestClient(try server.openOnLoopback(echo).address)
        try client.send(refused.request)
        let answer = try client.readAll()
        #expect(answer.hasPrefix("HTTP/1.1 \(refused.status) "))
        #expect(answer.contains("\r\nConnection: close\r\n"))
    }

    @Test(arguments: [
        ("GET http://node:10256/healthz?verbose HTTP/1.1\r\nHost: node\r\n", "GET /healthz\n"),
        ("GET http://node HTTP/1.1\r\nHost: node\r\n", "GET /\n"),
        ("OPTIONS * HTTP/1.1\r\nHost: node\r\n", "OPTIONS *\n"),
        ("\r\n\r\nGET /a HTTP/1.1\r\nhOST:node\r\nX:\r\n", "GET /a\n"),
        ("GET /b HTTP/1.1\nHost: node\n", "GET /b\n"),
    ])
    func `what RFC 9112 allows is understood`(head: String, answer: String) throws {
        let server = try StatusServer()
        let client = try TestClient(try server.openOnLoopback(echo).address)
        try client.send(head + "Connection: keep-alive, CLOSE\r\n\r\n")
        #expect(try client.readAll().hasSuffix("\r\n\r\n" + answer))
    }
}
