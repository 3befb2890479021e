import HTTPWire
import Testing

struct `Chunked content` {
    @Test(arguments: [
        ("0\r\n", "", 3), ("5\r\nhello\r\n0\r\n\r\n", "hello", 13),
        ("5\r\nhello\r\n6\r\n world\r\n0\r\n", "hello world", 24),
        ("a\r\n0123456789\r\n0\r\n", "0123456789", 18), ("A\r\n0123456789\r\n00\r\n", "0123456789", 19),
        ("0000000000000001\r\nx\r\n0\r\n", "x", 24), ("1;a=b\r\nx\r\n0;c\r\n", "x", 15),
        ("1 ; a = \"b\"\r\nx\r\n0\r\n", "x", 19),
        ("1\t;a\r\nx\r\n0\r\n", "x", 12), ("2\r\n\r\n\r\n0\r\n", "\r\n", 10),
    ])
    func `is taken apart`(content: String, data: String, trailers: Int) {
        let chunks = ParsedChunks(bytes(content))
        #expect(chunks.data == bytes(data))
        #expect(chunks.end == .trailers(at: trailers))
    }

    struct Refused: CustomTestStringConvertible, Sendable {
        let name: String
        let content: String
        let fault: HeadFault

        init(_ name: String, _ content: String, _ fault: HeadFault) {
            self.name = name
            self.content = content
            self.fault = fault
        }

        var testDescription: String { name }

        static let all = [
            Refused("no size", "\r\nhello", .illegalChunkSize),
            Refused("no hexadecimal digit", "g\r\n", .illegalChunkSize),
            Refused("plus sign", "+5\r\nhello\r\n", .illegalChunkSize),
            Refused("minus sign", "-5\r\nhello\r\n", .illegalChunkSize),
            Refused("0x", "0x5\r\nhello\r\n", .illegalChunkSize),
            Refused("leading space", " 5\r\nhello\r\n", .illegalChunkSize),
            Refused("space behind the size", "5 \r\nhello\r\n", .illegalChunkSize),
            Refused("underscore", "1_0\r\n", .illegalChunkSize), Refused("quoted size", "\"5\"\r\n", .illegalChunkSize),
            Refused("NUL behind the size", "5\u{0}\r\n", .illegalChunkSize),
            Refused("seventeen digits", "00000000000000005\r\nhello\r\n", .chunkSizeOverflow),
            Refused("more than a signed number holds", "8000000000000000\r\n", .chunkSizeOverflow),
            Refused("sixteen f", "ffffffffffffffff\r\n", .chunkSizeOverflow),
            Refused("LF behind the size", "5\nhello\r\n", .bareLineFeed),
            Refused("CR alone", "5\rhello\r\n", .bareCarriageReturn),
            Refused("LF in an extension", "5;a\nhello\r\n", .illegalChunkExtension),
            Refused("CR in an extension", "5;a\rb\r\nhello\r\n", .bareCarriageReturn),
            Refused("NUL in an extension", "5;\u{0}\r\nhello\r\n", .illegalChunkExtension),
            Refused("no CRLF behind the data", "5\r\nhello0\r\n\r\n", .illegalChunkEnd),
            Refused("LF behind the data", "5\r\nhello\n0\r\n\r\n", .illegalChunkEnd),
            Refused("CR behind the data", "5\r\nhello\r0\r\n\r\n", .illegalChunkEnd),
            Refused("more data than the size", "4\r\nhello\r\n0\r\n\r\n", .illegalChunkEnd),
            Refused(
                "an extension beyond 4 KiB",
                "5;" + String(repeating: "a", count: 4096) + "\r\n",
                .chunkExtensionsTooLong
            ),
            Refused(
                "extensions beyond 4 KiB in all",
                String(repeating: "1;" + String(repeating: "a", count: 63) + "\r\nx\r\n", count: 65),
                .chunkExtensionsTooLong
            ),
        ]
    }

    @Test(arguments: Refused.all) func `is refused`(refused: Refused) {
        #expect(ParsedChunks(bytes(refused.content)).end == .refused(refused.fault))
    }

    @Test func `may carry extensions of 4 KiB in all`() {
        let content = String(repeating: "1;" + String(repeating: "a", count: 63) + "\r\nx\r\n", count: 64) + "0\r\n"
        #expect(ParsedChunks(bytes(content)).end == .trailers(at: content.utf8.count))
    }

    @Test(arguments: [[1], [2], [3], [1, 2, 7], [5, 1]]) func `means the same however it arrives`(parts: [Int]) {
        let content = "5;ext=1\r\nhello\r\n1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0 ;last\r\n\r\n"
        #expect(ParsedChunks(bytes(content), parts: parts) == ParsedChunks(bytes(content)))
        for refused in Refused.all {
            #expect(ParsedChunks(bytes(refused.content), parts: parts) == ParsedChunks(bytes(refused.content)))
        }
    }

    @Test func `keeps little state`() {
        #expect(MemoryLayout<ChunkedDecoder>.size <= 24)
    }
}

struct `Trailers` {
    private func parse(
        _ content: String,
        limits: HeadLimits = HeadLimits()
    ) -> (outcome: HeadOutcome, end: Int, kept: [String]) {
        let bytes = bytes(content)
        var parser = TrailerParser(limits: limits)
        let outcome = parser.parse(bytes.span)
        var kept: [String] = []
        if outcome == .complete {
            for index in 0..<parser.fieldCount {
                let line = parser.field(at: index)
                if !line.isDropped, !line.isHopByHop { kept.append(text(line.name, of: bytes)) }
            }
        }
        return (outcome, parser.end, kept)
    }

    @Test func `are nothing but an empty line most of the time`() {
        let trailers = parse("\r\nGET /")
        #expect(trailers.outcome == .complete)
        #expect(trailers.end == 2)
    }

    @Test func `go on when they neither frame nor route nor authenticate`() {
        let trailers = parse(
            "grpc-status: 0\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nHost: b\r\nAuthorization: x\r\nX_a: b\r\n"
                + "Content-Type: t\r\nContent-MD5: t\r\nX-Forwarded-For: 1\r\nSet-Cookie: s\r\nTrailer: t\r\nETag: e\r\n"
                + "X-Accel-Redirect: /\r\nIf-Match: *\r\n\r\n"
        )
        #expect(trailers.outcome == .complete)
        #expect(trailers.kept == ["grpc-status", "ETag"])
    }

    @Test(arguments: [
        ("A: b\n\r\n", HeadFault.bareLineFeed), ("A: b\r\n\n", .bareLineFeed), ("A : b\r\n\r\n", .spaceBeforeColon),
        (" A: b\r\n\r\n", .foldedLine), ("A\r\n\r\n", .missingColon), ("A: \u{0}\r\n\r\n", .illegalFieldValue),
        ("\rA: b\r\n\r\n", .bareCarriageReturn),
    ])
    func `are refused for what a head is refused for`(content: String, fault: HeadFault) {
        #expect(parse(content).outcome == .refused(fault))
    }

    @Test func `hold 8 KiB`() {
        func content(_ bytes: Int) -> String { "A: " + String(repeating: "b", count: bytes - 7) + "\r\n\r\n" }
        #expect(parse(content(8192)).outcome == .complete)
        #expect(parse(content(8193)).outcome == .refused(.trailersTooLarge))
        #expect(parse("A: " + String(repeating: "b", count: 9000)).outcome == .refused(.trailersTooLarge))
    }

    @Test func `may begin anywhere in the bytes`() {
        let bytes = bytes("0\r\nA: b\r\n\r\n")
        var parser = TrailerParser()
        let outcome = parser.parse(bytes.span, from: 3)
        let (end, line) = (parser.end, parser.field(at: 0))
        #expect(outcome == .complete)
        #expect(end == bytes.count)
        #expect(text(line.value, of: bytes) == "b")
    }
}
