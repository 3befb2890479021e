internal import ByteBuffers
internal import Compression
internal import HTTPSemantics
internal import HTTPWire

/// The head of an answer, as far as a client of an API server looks at it.
struct AnswerHead: Hashable {
    let status: Int
    /// How long the server asks to wait.
    let retryAfter: Duration?
}

/// Why an answer cannot be read.
struct AnswerFault: Error, Hashable {
    let message: String
}

/// Reads answers from the bytes of a connection, and takes off what HTTP has put around their bodies.
struct AnswerReader: ~Copyable {
    /// What reading came to.
    enum Step: Hashable {
        /// More bytes are needed.
        case more
        /// The head is there; the body follows.
        case head(AnswerHead)
        /// Some of the body is there.
        case body
        /// The answer is complete.
        case end
    }

    private enum Place {
        case head(scanned: Int)
        case length(Int64)
        case chunks(ChunkedDecoder)
        case trailers(scanned: Int)
        case untilClose
        case end
    }

    private var parser = ResponseParser()
    private var trailers = TrailerParser()
    private let method: HTTPMethod
    private var place = Place.head(scanned: 0)
    private var inflater: Inflater?

    /// Whether the connection can be used again after the answer.
    private(set) var isPersistent = false

    /// Creates a reader of the answer to a request.
    init(to method: HTTPMethod) { self.method = method }

    /// Goes on reading.
    ///
    /// Takes what it has read from the input, and appends what it means to the body.
    mutating func next(_ input: inout ByteBuffer, into body: inout ByteBuffer) throws(AnswerFault) -> Step {
        switch place {
        case .head(let scanned): return try head(&input, scanned: scanned)
        case .length(let left):
            if left == 0 { return try end() }
            if input.isEmpty { return .more }
            let count = Int(min(left, Int64(input.count)))
            try take(input.bytes.extracting(0..<count), into: &body)
            input.removeFirst(count)
            place = .length(left - Int64(count))
            return .body
        case .chunks(var decoder): return try chunk(&input, &decoder, into: &body)
        case .trailers(let scanned): return try trailer(&input, scanned: scanned)
        case .untilClose:
            if input.isEmpty { return .more }
            try take(input.bytes, into: &body)
            input.removeAll()
            return .body
        case .end: return .end
        }
    }

    /// Whether the end of the connection is the end of the answer.
    mutating func endsWithConnection() throws(AnswerFault) -> Bool {
        guard case .untilClose = place else { return false }
        _ = try end()
        return true
    }

    private mutating func head(_ input: inout ByteBuffer, scanned: Int) throws(AnswerFault) -> Step {
        switch parser.parse(input.bytes, answering: method, resumingAt: scanned) {
        case .incomplete:
            place = .head(scanned: input.count)
            return .more
        case .refused(let fault): throw AnswerFault(message: "the answer is no HTTP: \(fault)")
        case .complete: break
        }
        let head = parser.head
        defer { input.removeFirst(head.length) }
        if head.isInterim {
            place = .head(scanned: 0)
            return .body
        }
        guard !head.isSwitchingProtocols else { throw AnswerFault(message: "the server changes the protocol") }
        isPersistent = head.isPersistent
        let retryAfter = parser.first(.retryAfter).flatMap { Self.seconds(input.bytes[$0.value]) }
        if let coding = parser.first(.contentEncoding), !coding.value.isEmpty {
            guard Self.isGzip(input.bytes[coding.value]) else {
                throw AnswerFault(message: "the body is encoded in a way that was not asked for")
            }
            do throws(InflationFault) { inflater = try Inflater() } catch { throw AnswerFault(message: "\(error)") }
        }
        switch head.framing {
        case .none: place = .length(0)
        case .length(let length): place = .length(length)
        case .chunked: place = .chunks(ChunkedDecoder())
        case .untilClose: place = .untilClose
        }
        return .head(AnswerHead(status: Int(head.status), retryAfter: retryAfter))
    }

    private mutating func chunk(
        _ input: inout ByteBuffer,
        _ decoder: inout ChunkedDecoder,
        into body: inout ByteBuffer
    ) throws(AnswerFault) -> Step {
        if input.isEmpty { return .more }
        var position = 0
        var hasData = false
        defer { input.removeFirst(position) }
        while true {
            switch decoder.next(input.bytes, from: position) {
            case .data(let piece):
                try take(input.bytes[piece], into: &body)
                position = decoder.position
                hasData = true
            case .needMore:
                position = decoder.position
                place = .chunks(decoder)
                return hasData ? .body : .more
            case .trailers(let offset):
                position = offset
                place = .trailers(scanned: 0)
                return .body
            case .refused(let fault): throw AnswerFault(message: "the answer is no HTTP: \(fault)")
            }
        }
    }

    private mutating func trailer(_ input: inout ByteBuffer, scanned: Int) throws(AnswerFault) -> Step {
        switch trailers.parse(input.bytes, resumingAt: scanned) {
        case .incomplete:
            place = .trailers(scanned: input.count)
            return .more
        case .refused(let fault): throw AnswerFault(message: "the answer is no HTTP: \(fault)")
        case .complete:
            input.removeFirst(trailers.end)
            return try end()
        }
    }

    private mutating func take(_ bytes: Span<UInt8>, into body: inout ByteBuffer) throws(AnswerFault) {
        guard let inflater else {
            body.append(bytes)
            return
        }
        do throws(InflationFault) {
            try inflater.inflate(bytes, into: &body)
        } catch {
            throw AnswerFault(message: "\(error)")
        }
    }

    private mutating func end() throws(AnswerFault) -> Step {
        place = .end
        if let inflater, !inflater.hasEnded { throw AnswerFault(message: "the compressed body is cut off") }
        return .end
    }

    /// Seconds in digits; a date, which no API server sends here, counts as none.
    private static func seconds(_ text: Span<UInt8>) -> Duration? {
        var seconds: Int64 = 0
        guard !text.isEmpty, text.count <= 6 else { return nil }
        for index in 0..<text.count {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[index]) else { return nil }
            seconds = seconds * 10 + Int64(text[index] - UInt8(ascii: "0"))
        }
        return .seconds(seconds)
    }

    private static func isGzip(_ text: Span<UInt8>) -> Bool {
        let name: [UInt8] = Array("gzip".utf8)
        guard text.count == name.count else { return false }
        for index in 0..<name.count where text[index] | 0x20 != name[index] { return false }
        return true
    }
}
