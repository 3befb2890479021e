import LinuxSystem
import NetworkAddress
import StatusServer
import Testing

struct `Exchanges with a status server` {
    @Test func `an answer carries its fields, the date and the length`() throws {
        let server = try StatusServer()
        let listener = try server.openOnLoopback { _ in
            StatusResponse(.unavailable, fields: [.init("X-Weight", "0")], body: "no\n")
        }
        let answer = try exchange(listener.address, "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        #expect(
            undated(answer) == "HTTP/1.1 503 Service Unavailable\r\nX-Weight: 0\r\nDate: D\r\n"
                + "Content-Length: 3\r\nConnection: close\r\n\r\nno\n"
        )
    }

    @Test func `one connection carries many requests, also when they come at once`() throws {
        let server = try StatusServer()
        let client = try TestClient(try server.openOnLoopback(echo).address)
        let request = { (path: String) in "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n" }
        try client.send(request("/1"))
        #expect(try client.read(until: "GET /1\n").contains("Connection:") == false)
        try client.send(
            request("/2") + request("/3?q=4") + "DELETE /5 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        )
        let rest = try client.readAll()
        #expect(
            rest.split(whereSeparator: \.isNewline).filter { $0.contains(" /") } == ["GET /2", "GET /3", "DELETE /5"]
        )
    }

    @Test func `HEAD has the length of a body, but not the body`() throws {
        let server = try StatusServer()
        let listener = try server.openOnLoopback { _ in .plain(.ok, "12345") }
        let answer = try exchange(listener.address, "HEAD / HTTP/1.0\r\n\r\n")
        #expect(answer.contains("\r\nContent-Length: 5\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n"))
    }

    @Test func `a request with a body is answered, and the body is never taken for a request`() throws {
        let server = try StatusServer()
        let listener = try server.openOnLoopback(echo)
        let body = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
        let head = "POST /probe HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        let client = try TestClient(listener.address)
        try client.send(head + body)
        try client.finishWriting()
        let answer = try client.readAll()
        #expect(answer.hasSuffix("\r\n\r\nPOST /probe\n"))
        #expect(!answer.contains("smuggled"))
    }

    @Test func `a large answer arrives whole`() throws {
        let server = try StatusServer()
        let text = String(repeating: "0123456789abcdef", count: 200_000)
        let listener = try server.openOnLoopback { _ in .plain(.ok, text) }
        let answer = try exchange(listener.address, "GET / HTTP/1.0\r\n\r\n")
        #expect(answer.hasSuffix(text))
    }
}
