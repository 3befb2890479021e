import HTTPSemantics
import HTTPWire
import Testing

/// Bytes that two programs could take apart differently, with what ours makes of them.
struct SmugglingCase: CustomTestStringConvertible, Sendable {
    /// What a message comes to.
    enum Verdict: Equatable, Sendable {
        /// The head or the content is refused.
        case refused(HeadFault)
        /// The message has this content, and so many bytes behind it belong to the next one.
        case read(String, rest: Int = 0)
        /// More bytes are needed.
        case unfinished
    }

    let name: String
    let text: String
    let verdict: Verdict

    /// Creates a case with the fields and the content of a POST in HTTP/1.1.
    init(_ name: String, _ fields: String, _ content: String, _ verdict: Verdict, version: String = "1.1") {
        self.name = name
        text = "POST / HTTP/\(version)\r\nHost: a\r\n" + fields + "\r\n" + content
        self.verdict = verdict
    }

    var testDescription: String { name }

    private static let te = "Transfer-Encoding: chunked\r\n"
    private static let done = "0\r\n\r\n"

    /// Content-Length against Transfer-Encoding.
    static let both = [
        SmugglingCase("CL then TE", "Content-Length: 5\r\n" + te, done, .refused(.lengthAndCoding)),
        SmugglingCase("TE then CL", te + "Content-Length: 5\r\n", done, .refused(.lengthAndCoding)),
        SmugglingCase("CL 0 and TE", "Content-Length: 0\r\n" + te, done, .refused(.lengthAndCoding)),
        SmugglingCase(
            "CL and identity",
            "Content-Length: 5\r\nTransfer-Encoding: identity\r\n",
            "hello",
            .refused(.lengthAndCoding)
        ),
        SmugglingCase(
            "CL and empty TE",
            "Content-Length: 5\r\nTransfer-Encoding:\r\n",
            "hello",
            .refused(.lengthAndCoding)
        ),
        SmugglingCase("TE in HTTP/1.0", te, done, .refused(.codingInOldVersion), version: "1.0"),
        SmugglingCase(
            "CL and TE in HTTP/1.0",
            "Content-Length: 5\r\n" + te,
            done,
            .refused(.codingInOldVersion),
            version: "1.0"
        ),
        SmugglingCase(
            "CL and TE named by Connection",
            "Connection: Transfer-Encoding\r\nContent-Length: 5\r\n" + te,
            done,
            .refused(.lengthAndCoding)
        ),
        SmugglingCase(
            "CL named by Connection",
            "Connection: Content-Length\r\nContent-Length: 5\r\n",
            "hello",
            .read("hello")
        ),
        SmugglingCase(
            "CL and an underscore TE",
            "Content-Length: 5\r\nTransfer_Encoding: chunked\r\n",
            "hello",
            .read("hello")
        ),
        SmugglingCase(
            "CL and a dotted TE",
            "Content-Length: 5\r\nTransfer.Encoding: chunked\r\n",
            "hello",
            .read("hello")
        ),
        SmugglingCase(
            "CL and TE of another name",
            "Content-Length: 5\r\nX-Transfer-Encoding: chunked\r\n",
            "hello",
            .read("hello")
        ),
        SmugglingCase("no framing at all", "", "GET", .read("", rest: 3)),
    ]

    /// Obfuscated Transfer-Encoding.
    static let codings = [
        SmugglingCase("chunked", te, "3\r\nabc\r\n" + done, .read("abc")),
        SmugglingCase("capital letters", "TRANSFER-ENCODING: CHUNKED\r\n", "3\r\nabc\r\n" + done, .read("abc")),
        SmugglingCase("no space", "Transfer-Encoding:chunked\r\n", done, .read("")),
        SmugglingCase("tabs around", "Transfer-Encoding:\tchunked\t\r\n", done, .read("")),
        SmugglingCase("space before the colon", "Transfer-Encoding : chunked\r\n", done, .refused(.spaceBeforeColon)),
        SmugglingCase("tab before the colon", "Transfer-Encoding\t: chunked\r\n", done, .refused(.spaceBeforeColon)),
        SmugglingCase("space before the name", " Transfer-Encoding: chunked\r\n", done, .refused(.foldedLine)),
        SmugglingCase(
            "space behind a field before",
            "X: y\r\n Transfer-Encoding: chunked\r\n",
            done,
            .refused(.foldedLine)
        ),
        SmugglingCase("folded value", "Transfer-Encoding:\r\n chunked\r\n", done, .refused(.foldedLine)),
        SmugglingCase("vertical tab", "Transfer-Encoding: \u{b}chunked\r\n", done, .refused(.illegalFieldValue)),
        SmugglingCase("form feed", "Transfer-Encoding: chunked\u{c}\r\n", done, .refused(.illegalFieldValue)),
        SmugglingCase("NUL behind", "Transfer-Encoding: chunked\u{0}\r\n", done, .refused(.illegalFieldValue)),
        SmugglingCase("NUL in the name", "Transfer-Encoding\u{0}: chunked\r\n", done, .refused(.illegalFieldName)),
        SmugglingCase("no-break space", "Transfer-Encoding: \u{a0}chunked\r\n", done, .refused(.illegalCoding)),
        SmugglingCase("bare CR before", "Transfer-Encoding: \rchunked\r\n", done, .refused(.bareCarriageReturn)),
        SmugglingCase(
            "bare LF before the field",
            "X: y\nTransfer-Encoding: chunked\r\n",
            done,
            .refused(.bareLineFeed)
        ),
        SmugglingCase(
            "bare CR before the field",
            "X: y\rTransfer-Encoding: chunked\r\n",
            done,
            .refused(.bareCarriageReturn)
        ),
        SmugglingCase("quoted", "Transfer-Encoding: \"chunked\"\r\n", done, .refused(.illegalCoding)),
        SmugglingCase("a letter more", "Transfer-Encoding: xchunked\r\n", done, .refused(.unknownCoding)),
        SmugglingCase("a letter less", "Transfer-Encoding: chunke\r\n", done, .refused(.unknownCoding)),
        SmugglingCase("identity", "Transfer-Encoding: identity\r\n", "", .refused(.unknownCoding)),
        SmugglingCase("cow", "Transfer-Encoding: cow\r\n", "", .refused(.unknownCoding)),
        SmugglingCase("empty", "Transfer-Encoding: \r\n", "", .refused(.illegalCoding)),
        SmugglingCase("comma before", "Transfer-Encoding: ,chunked\r\n", done, .refused(.illegalCoding)),
        SmugglingCase("comma behind", "Transfer-Encoding: chunked,\r\n", done, .refused(.illegalCoding)),
        SmugglingCase("parameter", "Transfer-Encoding: chunked;q=1\r\n", done, .refused(.illegalCoding)),
        SmugglingCase("two words", "Transfer-Encoding: chunked x\r\n", done, .refused(.illegalCoding)),
        SmugglingCase("twice in a list", "Transfer-Encoding: chunked, chunked\r\n", done, .refused(.illegalCoding)),
        SmugglingCase("twice in lines", te + te, done, .refused(.illegalCoding)),
        SmugglingCase("chunked then identity", te + "Transfer-Encoding: identity\r\n", done, .refused(.illegalCoding)),
        SmugglingCase("chunked then gzip", "Transfer-Encoding: chunked, gzip\r\n", done, .refused(.illegalCoding)),
        SmugglingCase("identity then chunked", "Transfer-Encoding: identity\r\n" + te, done, .refused(.unknownCoding)),
        SmugglingCase("gzip then chunked", "Transfer-Encoding: gzip, chunked\r\n", done, .refused(.unknownCoding)),
        SmugglingCase("TE is not Transfer-Encoding", "TE: chunked\r\n", done, .read("", rest: 5)),
    ]

    /// Obfuscated Content-Length.
    static let lengths = [
        SmugglingCase("plain", "Content-Length: 5\r\n", "helloGET", .read("hello", rest: 3)),
        SmugglingCase("content that lacks", "Content-Length: 6\r\n", "hello", .unfinished),
        SmugglingCase("leading zeros", "Content-Length: 0005\r\n", "hello", .read("hello")),
        SmugglingCase("equal twice", "Content-Length: 5\r\nContent-Length: 5\r\n", "hello", .read("hello")),
        SmugglingCase("equal list", "Content-Length: 5, 5\r\n", "hello", .read("hello")),
        SmugglingCase(
            "different",
            "Content-Length: 5\r\nContent-Length: 6\r\n",
            "hello",
            .refused(.severalContentLengths)
        ),
        SmugglingCase("different list", "Content-Length: 5, 6\r\n", "hello", .refused(.severalContentLengths)),
        SmugglingCase(
            "equal list with a comma behind",
            "Content-Length: 5,\r\n",
            "hello",
            .refused(.illegalContentLength)
        ),
        SmugglingCase("plus sign", "Content-Length: +5\r\n", "hello", .refused(.illegalContentLength)),
        SmugglingCase("minus sign", "Content-Length: -5\r\n", "hello", .refused(.illegalContentLength)),
        SmugglingCase("hexadecimal", "Content-Length: 0x5\r\n", "hello", .refused(.illegalContentLength)),
        SmugglingCase("underscore", "Content-Length: 1_0\r\n", "hello", .refused(.illegalContentLength)),
        SmugglingCase("space inside", "Content-Length: 1 0\r\n", "hello", .refused(.illegalContentLength)),
        SmugglingCase("exponent", "Content-Length: 5e0\r\n", "hello", .refused(.illegalContentLength)),
        SmugglingCase("fraction", "Content-Length: 5.0\r\n", "hello", .refused(.illegalContentLength)),
        SmugglingCase("empty length", "Content-Length: \r\n", "hello", .refused(.illegalContentLength)),
        SmugglingCase("quoted length", "Content-Length: \"5\"\r\n", "hello", .refused(.illegalContentLength)),
        SmugglingCase("Arabic digits", "Content-Length: \u{d9}\u{a5}\r\n", "hello", .refused(.illegalContentLength)),
        SmugglingCase(
            "beyond 64 bits",
            "Content-Length: 18446744073709551621\r\n",
            "hello",
            .refused(.contentLengthOverflow)
        ),
        SmugglingCase(
            "beyond a signed number",
            "Content-Length: 9223372036854775808\r\n",
            "hello",
            .refused(.contentLengthOverflow)
        ),
        SmugglingCase("space before the colon of CL", "Content-Length : 5\r\n", "hello", .refused(.spaceBeforeColon)),
        SmugglingCase("underscore name", "Content_Length: 5\r\n", "hello", .read("", rest: 5)),
    ]

    /// Chunks that lie about their end.
    static let chunks = [
        SmugglingCase(
            "hidden request in an extension",
            te,
            "0;\nGET / HTTP/1.1\r\n\r\n",
            .refused(.illegalChunkExtension)
        ),
        SmugglingCase("LF ends the extension", te, "3;a\nabc\r\n" + done, .refused(.illegalChunkExtension)),
        SmugglingCase("CR ends the extension", te, "3;a\rabc\r\n" + done, .refused(.bareCarriageReturn)),
        SmugglingCase("LF ends the size", te, "3\nabc\r\n" + done, .refused(.bareLineFeed)),
        SmugglingCase("LF ends the data", te, "3\r\nabc\n" + done, .refused(.illegalChunkEnd)),
        SmugglingCase("nothing ends the data", te, "3\r\nabc" + done, .refused(.illegalChunkEnd)),
        SmugglingCase("two other bytes end the data", te, "3\r\nabcXX" + done, .refused(.illegalChunkEnd)),
        SmugglingCase("LF ends the last chunk", te, "0\n\r\n", .refused(.bareLineFeed)),
        SmugglingCase("LF ends the trailers", te, "0\r\n\n", .refused(.bareLineFeed)),
        SmugglingCase("folded trailer", te, "0\r\nA: b\r\n c\r\n\r\n", .refused(.foldedLine)),
        SmugglingCase("trailer with a length", te, "0\r\nContent-Length: 3\r\n\r\nabc", .read("", rest: 3)),
        SmugglingCase(
            "size wraps around 64 bits",
            te,
            "10000000000000003\r\nabc\r\n" + done,
            .refused(.chunkSizeOverflow)
        ),
        SmugglingCase("size wraps around 32 bits", te, "100000003\r\nabc\r\n" + done, .unfinished),
        SmugglingCase("negative size", te, "-1\r\n" + done, .refused(.illegalChunkSize)),
        SmugglingCase("size with 0x", te, "0x3\r\nabc\r\n" + done, .refused(.illegalChunkSize)),
        SmugglingCase("0xN by a zero chunk", te, "0xa\r\n\r\n", .refused(.illegalChunkSize)),
        SmugglingCase("space before the size", te, " 3\r\nabc\r\n" + done, .refused(.illegalChunkSize)),
        SmugglingCase("space behind the size", te, "3 \r\nabc\r\n" + done, .refused(.illegalChunkSize)),
        SmugglingCase("zero with an extension", te, "0;a=\"b\"\r\n\r\nGET", .read("", rest: 3)),
        SmugglingCase(
            "request behind the content",
            te,
            "1\r\nx\r\n" + done + "GET / HTTP/1.1\r\n",
            .read("x", rest: 16)
        ),
        SmugglingCase("no last chunk", te, "3\r\nabc\r\n", .unfinished),
        SmugglingCase("no empty line", te, "0\r\n", .unfinished),
    ]

    static let all = both + codings + lengths + chunks
}

extension SmugglingCase.Verdict {
    /// Reads a whole message: its head, its content, its trailers.
    init(of bytes: [UInt8]) {
        let request = ParsedRequest(bytes)
        switch request.outcome {
        case .complete: self = Self.content(Array(bytes.dropFirst(request.head.length)), framing: request.head.framing)
        case .incomplete: self = .unfinished
        case .refused(let fault): self = .refused(fault)
        }
    }

    private static func content(_ bytes: [UInt8], framing: BodyFraming) -> Self {
        switch framing {
        case .none: return .read("", rest: bytes.count)
        case .untilClose: return .read(String(decoding: bytes, as: UTF8.self))
        case .length(let length):
            guard bytes.count >= length else { return .unfinished }
            return .read(String(decoding: bytes.prefix(Int(length)), as: UTF8.self), rest: bytes.count - Int(length))
        case .chunked:
            let chunks = ParsedChunks(bytes)
            switch chunks.end {
            case .refused(let fault): return .refused(fault)
            case .trailers(let start):
                var parser = TrailerParser()
                switch parser.parse(bytes.span, from: start) {
                case .complete:
                    return .read(String(decoding: chunks.data, as: UTF8.self), rest: bytes.count - parser.end)
                case .incomplete: return .unfinished
                case .refused(let fault): return .refused(fault)
                }
            case .data, .needMore: return .unfinished
            }
        }
    }
}

struct `The corpus of smuggled requests` {
    @Test(arguments: SmugglingCase.all) func `is judged`(message: SmugglingCase) {
        #expect(SmugglingCase.Verdict(of: bytes(message.text)) == message.verdict)
    }

    @Test func `is large, and every case has a name of its own`() {
        #expect(SmugglingCase.all.count >= 60)
        #expect(Set(SmugglingCase.all.map(\.name)).count == SmugglingCase.all.count)
    }
}
