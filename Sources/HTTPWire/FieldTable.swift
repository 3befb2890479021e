internal import HTTPSemantics

/// The field lines of one head, in their order, with the first of each known name at hand.
struct FieldTable: ~Copyable {
    static let capacity = 255

    private(set) var count = 0
    var lines = InlineArray<255, FieldLine>(repeating: .none)
    // One more than the index of the first line with a known name, by the raw value of the name.
    private var firsts = InlineArray<64, UInt8>(repeating: 0)

    // The known names of which there are several lines.
    private var repeated: KnownFieldSet = []

    /// Whether there are several lines with a known name.
    @inline(__always)
    func isRepeated(_ known: KnownField) -> Bool { repeated.contains(known) }

    /// Whose field lines are read, which decides what is forgiven.
    enum Origin { case request, response, trailers }

    /// What reading field lines came to.
    enum Outcome {
        /// The empty line was read; the content begins at the offset.
        case end(Int)
        case incomplete
        case refused(HeadFault)
    }

    /// The first line with a known name.
    @inline(__always)
    func first(_ known: KnownField) -> FieldLine? {
        let place = firsts[Int(known.rawValue)]
        return place == 0 ? nil : lines[Int(place) - 1]
    }

    /// The index of the first line with a known name.
    @inline(__always)
    func firstIndex(_ known: KnownField) -> Int? {
        let place = firsts[Int(known.rawValue)]
        return place == 0 ? nil : Int(place) - 1
    }

    /// The index of the next line with the same known name.
    func index(of known: KnownField, after index: Int) -> Int? {
        var next = index + 1
        while next < count {
            if lines[next].known == known { return next }
            next += 1
        }
        return nil
    }

    mutating func removeAll() {
        count = 0
        firsts = InlineArray(repeating: 0)
        repeated = []
    }

    /// Reads field lines up to and with the empty line.
    ///
    /// - Parameters:
    ///   - bytes: The bytes of the message.
    ///   - start: Where the first field line begins.
    ///   - extent: What the head may extend to, and how that is refused.
    ///   - fieldsMax: The most lines.
    ///   - origin: Whose field lines they are.
    /// - Returns: Where the content begins, or why that is not known.
    @inline(__always)
    mutating func read(
        _ bytes: Span<UInt8>,
        from start: Int,
        within extent: Extent,
        fieldsMax: Int,
        origin: Origin
    ) -> Outcome {
        var position = start
        while true {
            let lineStart = position
            guard position < bytes.count else { return extent.settle(.missingColon, bytes, lineStart: lineStart) }
            // The name.
            position = bytes.firstOutsideNames(from: position)
            var flags: FieldLine.Flags = .canonical
            if position == bytes.count || bytes[position] != UInt8(ascii: ":") || position == lineStart {
                if position == lineStart, position < bytes.count, bytes[position].isLineEnd {
                    return end(bytes, at: position, within: extent, origin: origin)
                }
                switch unusualName(bytes, from: lineStart, plainUntil: position, origin: origin) {
                case .success(let colon):
                    if origin != .response { flags.insert(.dropped) }
                    position = colon
                case .failure(let fault): return extent.settle(fault, bytes, lineStart: lineStart)
                }
            }
            var nameEnd = position
            if origin == .response { while bytes[nameEnd - 1].isBlank { nameEnd -= 1 } }
            // The value, without the white space around it.
            position += 1
            let afterColon = position
            while position < bytes.count, bytes[position].isBlank { position += 1 }
            let valueStart = position
            position = bytes.firstControl(from: position)
            guard position + 1 < bytes.count else {
                return extent.settle(.bareCarriageReturn, bytes, lineStart: lineStart)
            }
            var valueEnd = position
            if bytes[position] == .carriageReturn {
                guard bytes[position + 1] == .lineFeed else {
                    return extent.settle(.bareCarriageReturn, bytes, lineStart: lineStart)
                }
                position += 2
            } else if bytes[position] == .lineFeed {
                guard origin == .response else { return extent.settle(.bareLineFeed, bytes, lineStart: lineStart) }
                position += 1
                flags.remove(.canonical)
            } else {
                return extent.settle(.illegalFieldValue, bytes, lineStart: lineStart)
            }
            guard position <= extent.end else { return .refused(extent.oversize) }
            if valueEnd > valueStart, bytes[valueEnd - 1].isBlank {
                flags.remove(.canonical)
                while valueEnd > valueStart, bytes[valueEnd - 1].isBlank { valueEnd -= 1 }
            }
            if valueStart != afterColon + 1 || bytes[afterColon] != .space || nameEnd + 1 != afterColon {
                flags.remove(.canonical)
            }
            guard count < fieldsMax else { return extent.settle(.tooManyFields, bytes, lineStart: lineStart) }
            append(
                bytes,
                name: Piece(lineStart..<nameEnd),
                value: Piece(valueStart..<valueEnd),
                flags: flags,
                origin: origin
            )
        }
    }

    @inline(__always)
    private mutating func append(
        _ bytes: Span<UInt8>,
        name: Piece,
        value: Piece,
        flags: FieldLine.Flags,
        origin: Origin
    ) {
        let known = KnownField(matching: bytes[name])
        var flags = flags
        if known != .other {
            if firsts[Int(known.rawValue)] == 0 {
                firsts[Int(known.rawValue)] = UInt8(truncatingIfNeeded: count + 1)
            } else {
                repeated.insert(known)
            }
            if known.isHopByHop { flags.insert(.hopByHop) }
            if origin == .trailers, known.isForbiddenInTrailers { flags.insert(.dropped) }
        }
        lines[count] = FieldLine(name: name, value: value, known: known, flags: flags)
        count += 1
    }

    /// Reads a name that holds more than letters, digits and hyphens; gives where its colon is.
    @inline(never)
    private func unusualName(
        _ bytes: Span<UInt8>,
        from start: Int,
        plainUntil position: Int,
        origin: Origin
    ) -> Result<Int, HeadFault> {
        guard position < bytes.count else { return .failure(.missingColon) }
        if position == start, bytes[position].isBlank { return .failure(.foldedLine) }
        var position = position
        while position < bytes.count, bytes[position].isToken { position += 1 }
        guard position < bytes.count else { return .failure(.missingColon) }
        let nameEnd = position
        if bytes[position].isBlank {
            while position < bytes.count, bytes[position].isBlank { position += 1 }
            guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else {
                return .failure(.illegalFieldName)
            }
            // RFC 9112 §5.1: refused in a request, taken away from a response.
            return origin == .response && nameEnd > start ? .success(position) : .failure(.spaceBeforeColon)
        }
        switch bytes[position] {
        case UInt8(ascii: ":"): return position == start ? .failure(.emptyFieldName) : .success(position)
        case .carriageReturn, .lineFeed: return .failure(.missingColon)
        default: return .failure(.illegalFieldName)
        }
    }

    private func end(_ bytes: Span<UInt8>, at position: Int, within extent: Extent, origin: Origin) -> Outcome {
        var next = position + 1
        if bytes[position] == .carriageReturn {
            guard next < bytes.count else { return extent.settle(.bareCarriageReturn, bytes, lineStart: position) }
            guard bytes[next] == .lineFeed else {
                return extent.settle(.bareCarriageReturn, bytes, lineStart: position)
            }
            next += 1
        } else if origin != .response {
            return .refused(.bareLineFeed)
        }
        return next <= extent.end ? .end(next) : .refused(extent.oversize)
    }
}

/// How far a head may reach.
struct Extent {
    /// The offset that the head may not go beyond.
    let end: Int
    /// What it is refused for when it does.
    let oversize: HeadFault

    /// Decides on a line that cannot be read.
    ///
    /// A fault counts only when the line is there to its LF, so that the verdict on a head is the same however its bytes
    /// arrive; until then the line is incomplete, or too long.
    @inline(never)
    func settle(_ fault: HeadFault, _ bytes: Span<UInt8>, lineStart: Int) -> FieldTable.Outcome {
        let lineFeed = bytes.firstLineFeed(from: lineStart)
        if lineFeed == bytes.count { return bytes.count > end ? .refused(oversize) : .incomplete }
        return .refused(lineFeed >= end ? oversize : fault)
    }
}

extension UInt8 {
    /// Whether this begins the end of a line.
    @inline(__always)
    var isLineEnd: Bool { self == .carriageReturn || self == .lineFeed }
}
