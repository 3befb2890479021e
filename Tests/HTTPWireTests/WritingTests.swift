import ByteBuffers
import HTTPSemantics
import HTTPWire
import Testing

struct `A written message` {
    @Test func `is what was asked for`() {
        var buffer = ByteBuffer()
        buffer.appendStatusLine(.notFound)
        buffer.appendField(name: "Content-Type", value: "text/html")
        buffer.appendField(name: "X-Name", value: bytes("value").span)
        buffer.appendField(name: "Content-Length", decimal: 146)
        buffer.appendField(name: bytes("a").span, value: bytes("b").span)
        buffer.appendLineEnd()
        #expect(
            text(buffer)
                == "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nX-Name: value\r\nContent-Length: 146\r\na: b\r\n\r\n"
        )
        buffer.removeAll()
        buffer.appendStatusLine(HTTPStatus(rawValue: 299), reason: bytes("So So").span)
        #expect(text(buffer) == "HTTP/1.1 299 So So\r\n")
    }

    @Test func `is read again as it was meant`() {
        var buffer = ByteBuffer()
        buffer.appendStatusLine(.ok)
        buffer.appendField(name: "Transfer-Encoding", value: "chunked")
        buffer.appendLineEnd()
        let headLength = buffer.count
        for part in ["hello", String(repeating: "x", count: 300)] {
            buffer.appendChunkHeader(size: part.utf8.count)
            buffer.append(text: part)
            buffer.appendLineEnd()
        }
        buffer.appendLastChunk()
        buffer.appendLineEnd()
        var parser = ResponseParser()
        let outcome = parser.parse(buffer.bytes, answering: .get)
        #expect(outcome == .complete)
        let (length, framing) = (parser.head.length, parser.head.framing)
        #expect(length == headLength)
        #expect(framing == .chunked)
        let content = Array(text(buffer).utf8.dropFirst(headLength))
        let chunks = ParsedChunks(content)
        #expect(chunks.data == bytes("hello" + String(repeating: "x", count: 300)))
        #expect(chunks.end == .trailers(at: content.count - 2))
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (951_868_799, "Tue, 29 Feb 2000 23:59:59 GMT"), (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
        (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
        (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"), (-1, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (Int64.max, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ])
    func `has dates that people can read`(seconds: Int64, date: String) {
        var buffer = ByteBuffer()
        buffer.append(HTTPDate(unixSeconds: seconds))
        #expect(text(buffer) == date)
    }
}
