internal import HTTPSemantics
internal import HTTPWire

/// The heads of requests and responses.
var httpGuards: [Guard] {
    [
        Guard(name: "request-head", unit: "head", rounds: (1000, 6000), unitsPerRound: 1) {
            let bytes = Array(
                """
                GET /cart/items/4711?page=2&sort=price HTTP/1.1\r
                Host: shop.example.com\r
                User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r
                Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r
                Accept-Language: en-GB,en;q=0.5\r
                Accept-Encoding: gzip, deflate, br\r
                Connection: keep-alive\r
                Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r
                Cache-Control: max-age=0\r
                \r

                """.utf8
            )
            let parser = SharedRequestParser()
            return { _ in
                guard parser.parser.parse(bytes.span) == .complete, parser.parser.head.length == bytes.count,
                    parser.parser.fieldCount == 8
                else { throw Undone("the head was not read") }
            }
        },
        Guard(name: "response-head", unit: "head", rounds: (1000, 6000), unitsPerRound: 1) {
            let bytes = Array(
                """
                HTTP/1.1 200 OK\r
                Date: Sat, 21 Nov 2026 09:00:00 GMT\r
                Server: backend/1.0\r
                Content-Type: text/html; charset=utf-8\r
                Content-Length: 1024\r
                Cache-Control: private, max-age=0\r
                ETag: "33a64df551425fcc55e4d42a148795d9f25f89d4"\r
                Vary: Accept-Encoding\r
                \r

                """.utf8
            )
            let parser = SharedResponseParser()
            return { _ in
                guard parser.parser.parse(bytes.span, answering: .get) == .complete,
                    parser.parser.head.length == bytes.count, parser.parser.fieldCount == 7
                else { throw Undone("the head was not read") }
            }
        },
    ]
}

/// A parser that a closure can hold on to.
private final class SharedRequestParser {
    var parser = RequestParser()
}

private final class SharedResponseParser {
    var parser = ResponseParser()
}
