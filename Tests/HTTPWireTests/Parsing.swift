import ByteBuffers
import HTTPSemantics
import HTTPWire

/// The bytes of a text whose characters are each one byte, so that a table can show any byte.
func bytes(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8($0.value) } }

/// The text of a piece.
func text(_ piece: Piece, of bytes: [UInt8]) -> String { String(decoding: bytes[piece.range], as: UTF8.self) }

/// The text of a buffer.
func text(_ buffer: borrowing ByteBuffer) -> String {
    let bytes = buffer.bytes
    return String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
}

/// A request that was parsed, as values that tests can hold.
struct ParsedRequest {
    let bytes: [UInt8]
    let outcome: HeadOutcome
    let head: RequestHead
    let fields: [FieldLine]

    init(_ text: String, limits: HeadLimits = HeadLimits(), strictHost: Bool = false) {
        self.init(HTTPWireTests.bytes(text), limits: limits, strictHost: strictHost)
    }

    init(_ bytes: [UInt8], limits: HeadLimits = HeadLimits(), strictHost: Bool = false) {
        var parser = RequestParser(limits: limits, strictHost: strictHost)
        let outcome = parser.parse(bytes.span)
        var fields: [FieldLine] = []
        if outcome == .complete { for index in 0..<parser.fieldCount { fields.append(parser.field(at: index)) } }
        (self.bytes, self.outcome, head, self.fields) = (bytes, outcome, parser.head, fields)
    }

    func text(_ piece: Piece) -> String { HTTPWireTests.text(piece, of: bytes) }

    /// The names of the lines for which something holds.
    func names(where holds: (FieldLine) -> Bool) -> [String] { fields.filter(holds).map { text($0.name) } }
}

/// A response that was parsed, as values that tests can hold.
struct ParsedResponse {
    let bytes: [UInt8]
    let outcome: HeadOutcome
    let head: ResponseHead
    let fields: [FieldLine]

    init(_ text: String, answering method: HTTPMethod = .get, limits: HeadLimits = HeadLimits()) {
        var parser = ResponseParser(limits: limits)
        let bytes = HTTPWireTests.bytes(text)
        let outcome = parser.parse(bytes.span, answering: method)
        var fields: [FieldLine] = []
        if outcome == .complete { for index in 0..<parser.fieldCount { fields.append(parser.field(at: index)) } }
        (self.bytes, self.outcome, head, self.fields) = (bytes, outcome, parser.head, fields)
    }

    func text(_ piece: Piece) -> String { HTTPWireTests.text(piece, of: bytes) }
}

/// What became of chunked content.
struct ParsedChunks: Equatable {
    /// The data of all chunks.
    var data: [UInt8] = []
    /// How it ended: the offset of the trailers, a fault, or neither.
    var end: ChunkStep = .needMore

    init() {}

    /// Reads content that arrives in parts of some lengths, over and over; the last part holds the rest.
    init(_ bytes: [UInt8], parts: [Int] = []) {
        var decoder = ChunkedDecoder()
        var start = 0
        var turn = 0
        while start < bytes.count {
            let count = parts.isEmpty ? bytes.count : parts[turn % parts.count]
            turn += 1
            let part = Array(bytes[start..<min(start + count, bytes.count)])
            var offset = 0
            reading: while true {
                let step = decoder.next(part.span, from: offset)
                offset = decoder.position
                switch step {
                case .data(let piece): data += part[piece.range]
                case .needMore: break reading
                case .trailers(let at):
                    end = .trailers(at: start + at)
                    return
                case .refused:
                    end = step
                    return
                }
            }
            start += part.count
        }
    }
}

/// Numbers that are the same in every run (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
