internal import HTTPSemantics

// What the fields say about the content and the connection; lines are changed where they must not go on as they are.
extension FieldTable {
    /// Finds how the content is delimited.
    ///
    /// - Parameters:
    ///   - bytes: The bytes of the message.
    ///   - minorVersion: The message's version; HTTP/1.0 knows no transfer codings.
    /// - Returns: The framing, nil when no field tells, or the fault.
    mutating func framing(_ bytes: Span<UInt8>, minorVersion: UInt8) -> Result<BodyFraming?, HeadFault> {
        let coding = firstIndex(.transferEncoding)
        let length = firstIndex(.contentLength)
        if coding == nil, length == nil { return .success(nil) }
        if let coding {
            guard minorVersion > 0 else { return .failure(.codingInOldVersion) }
            // RFC 9112 §6.3: both at once may be smuggling.
            guard length == nil else { return .failure(.lengthAndCoding) }
            if let fault = codingFault(bytes, from: coding) { return .failure(fault) }
            return .success(.chunked)
        }
        guard let length else { return .success(nil) }
        return contentLength(bytes, from: length).map { .length($0) }
    }

    /// What is wrong with the transfer codings, which must be one `chunked`.
    private func codingFault(_ bytes: Span<UInt8>, from first: Int) -> HeadFault? {
        var isUnknown = false
        var chunkedCount = 0
        var isChunkedLast = false
        var line: Int? = first
        while let index = line {
            var list = ListReader(lines[index].value)
            repeat {
                let member = list.next(bytes)
                guard !member.isEmpty, isToken(bytes, member) else { return .illegalCoding }
                isChunkedLast = bytes.equalsFolded(member, "chunked")
                if isChunkedLast { chunkedCount += 1 } else { isUnknown = true }
            } while !list.isAtEnd
            line = self.index(of: .transferEncoding, after: index)
        }
        guard isChunkedLast || chunkedCount == 0, chunkedCount <= 1 else { return .illegalCoding }
        return isUnknown ? .unknownCoding : nil
    }

    /// The content length, of which repetitions are forgiven and taken away.
    private mutating func contentLength(_ bytes: Span<UInt8>, from first: Int) -> Result<Int64, HeadFault> {
        var length: Int64?
        var line: Int? = first
        while let index = line {
            var list = ListReader(lines[index].value)
            repeat {
                let member = list.next(bytes)
                switch number(bytes, member) {
                case .success(let value):
                    guard length == nil || length == value else { return .failure(.severalContentLengths) }
                    if length == nil, index == first, !list.isAtEnd {
                        // Of a list only the first member is forwarded.
                        lines[index].value = member
                        lines[index].flags.remove(.canonical)
                    }
                    length = value
                case .failure(let fault): return .failure(fault)
                }
            } while !list.isAtEnd
            if index != first { lines[index].flags.insert(.dropped) }
            line = self.index(of: .contentLength, after: index)
        }
        return .success(length ?? 0)
    }

    private func number(_ bytes: Span<UInt8>, _ piece: Piece) -> Result<Int64, HeadFault> {
        guard !piece.isEmpty else { return .failure(.illegalContentLength) }
        var value: Int64 = 0
        for position in piece.range {
            guard bytes[position].isDigit else { return .failure(.illegalContentLength) }
            let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isStillTooLarge) = tens.addingReportingOverflow(Int64(bytes[position] - UInt8(ascii: "0")))
            guard !isTooLarge, !isStillTooLarge else { return .failure(.contentLengthOverflow) }
            value = sum
        }
        return .success(value)
    }

    /// What Connection fields say.
    struct ConnectionOptions {
        var closes = false
        var keepsAlive = false
        var upgrades = false
    }

    /// Reads the Connection fields, and marks the lines that they name as hop-by-hop.
    mutating func connectionOptions(_ bytes: Span<UInt8>) -> Result<ConnectionOptions, HeadFault> {
        var options = ConnectionOptions()
        var line = firstIndex(.connection)
        var optionCount = 0
        while let index = line {
            var list = ListReader(lines[index].value)
            repeat {
                let member = list.next(bytes)
                // RFC 9110 §5.6.1.2: empty members of a list are skipped.
                guard !member.isEmpty else { continue }
                optionCount += 1
                // Each one is compared with each field.
                guard optionCount <= Self.connectionOptionsMax else { return .failure(.tooManyConnectionOptions) }
                guard isToken(bytes, member) else { return .failure(.illegalConnectionOption) }
                if bytes.equalsFolded(member, "close") {
                    options.closes = true
                } else if bytes.equalsFolded(member, "keep-alive") {
                    options.keepsAlive = true
                } else if bytes.equalsFolded(member, "upgrade") {
                    options.upgrades = true
                } else {
                    markHopByHop(bytes, member)
                }
            } while !list.isAtEnd
            line = self.index(of: .connection, after: index)
        }
        return .success(options)
    }

    private mutating func markHopByHop(_ bytes: Span<UInt8>, _ name: Piece) {
        for index in 0..<count where bytes.equalsFolded(lines[index].name, name) && !lines[index].known.isProtected {
            lines[index].flags.insert(.hopByHop)
        }
    }

    /// Whether a list in one of the lines of a field has a member, parameters aside.
    func contains(_ bytes: Span<UInt8>, _ text: String, in known: KnownField) -> Bool {
        var line = firstIndex(known)
        while let index = line {
            var list = ListReader(lines[index].value)
            repeat {
                if bytes.equalsFolded(list.next(bytes), text) { return true }
            } while !list.isAtEnd
            line = self.index(of: known, after: index)
        }
        return false
    }

    private func isToken(_ bytes: Span<UInt8>, _ piece: Piece) -> Bool {
        for position in piece.range where !bytes[position].isToken { return false }
        return true
    }

    private static let connectionOptionsMax = 32
}

/// Takes a value apart at its commas.
struct ListReader {
    private var position: Int
    private let end: Int
    private(set) var isAtEnd = false

    init(_ value: Piece) {
        position = Int(value.start)
        end = Int(value.end)
    }

    /// The next member without white space around it; there is always one, which may be empty.
    mutating func next(_ bytes: Span<UInt8>) -> Piece {
        while position < end, bytes[position].isBlank { position += 1 }
        let start = position
        while position < end, bytes[position] != UInt8(ascii: ",") { position += 1 }
        var memberEnd = position
        while memberEnd > start, bytes[memberEnd - 1].isBlank { memberEnd -= 1 }
        if position == end { isAtEnd = true } else { position += 1 }
        return Piece(start..<memberEnd)
    }
}
