package import ByteBuffers
package import HTTPSemantics

// What messages are made of.
extension ByteBuffer {
    /// Appends a status line with the usual reason phrase.
    package mutating func appendStatusLine(_ status: HTTPStatus) {
        append("HTTP/1.1 ")
        append(decimal: Int64(status.rawValue))
        append(.space)
        append(status.reason)
        append("\r\n")
    }

    /// Appends a status line with a reason phrase that a backend sent.
    package mutating func appendStatusLine(_ status: HTTPStatus, reason: Span<UInt8>) {
        append("HTTP/1.1 ")
        append(decimal: Int64(status.rawValue))
        append(.space)
        append(reason)
        append("\r\n")
    }

    /// Appends a field line.
    package mutating func appendField(name: StaticString, value: Span<UInt8>) {
        append(name)
        append(": ")
        append(value)
        append("\r\n")
    }

    /// Appends a field line with a fixed value.
    package mutating func appendField(name: StaticString, value: StaticString) {
        append(name)
        append(": ")
        append(value)
        append("\r\n")
    }

    /// Appends a field line with a number.
    package mutating func appendField(name: StaticString, decimal value: Int64) {
        append(name)
        append(": ")
        append(decimal: value)
        append("\r\n")
    }

    /// Appends a field line whose name is not a literal.
    package mutating func appendField(name: Span<UInt8>, value: Span<UInt8>) {
        append(name)
        append(": ")
        append(value)
        append("\r\n")
    }

    /// Appends a field line that was parsed, written anew.
    ///
    /// - Parameters:
    ///   - line: The line.
    ///   - bytes: The bytes that it was parsed from.
    package mutating func appendFieldLine(_ line: FieldLine, from bytes: Span<UInt8>) {
        if line.isCanonical {
            // What would be written is what was read, byte for byte.
            append(bytes, from: Int(line.name.start), count: Int(line.value.end - line.name.start) + 2)
        } else {
            appendField(name: bytes[line.name], value: bytes[line.value])
        }
    }

    /// Appends the head of a chunk of so many bytes, of which there is at least one.
    package mutating func appendChunkHeader(size: Int) {
        precondition(size > 0, "a chunk of no bytes would end the content")
        append(hexadecimal: UInt64(size))
        append("\r\n")
    }

    /// Appends the last chunk; trailers, if any, and an empty line follow.
    package mutating func appendLastChunk() { append("0\r\n") }

    /// Appends the line end behind a chunk's data, a head or a trailer section.
    package mutating func appendLineEnd() { append("\r\n") }

    /// Appends a date as `Date` and its relatives have it.
    package mutating func append(_ date: HTTPDate) { append(date.text.span) }
}

extension FieldTable {
    /// Appends the lines that are to be forwarded: not hop-by-hop, not dropped, and not those that the caller writes.
    ///
    /// Lines that lie side by side and read as they would be written are copied at once.
    func append(from bytes: Span<UInt8>, except replaced: KnownFieldSet, to buffer: inout ByteBuffer) {
        var run = Piece.none
        for index in 0..<count {
            let line = lines[index]
            if line.isHopByHop || line.isDropped || replaced.contains(line.known) { continue }
            if line.isCanonical {
                if run.end != line.name.start {
                    if !run.isEmpty { buffer.append(bytes[run]) }
                    run = Piece(start: Int(line.name.start), count: 0)
                }
                run.count = line.value.end + 2 - run.start
                continue
            }
            if !run.isEmpty { buffer.append(bytes[run]) }
            run = .none
            buffer.appendField(name: bytes[line.name], value: bytes[line.value])
        }
        if !run.isEmpty { buffer.append(bytes[run]) }
    }
}

extension RequestParser {
    /// Appends the field lines that are to be forwarded: neither hop-by-hop nor dropped.
    ///
    /// - Parameters:
    ///   - bytes: The bytes that were parsed.
    ///   - replaced: Fields that the caller writes itself, or not at all.
    ///   - buffer: Where the lines go.
    package func appendFields(from bytes: Span<UInt8>, except replaced: KnownFieldSet, to buffer: inout ByteBuffer) {
        fields.append(from: bytes, except: replaced, to: &buffer)
    }
}

extension ResponseParser {
    /// Appends the field lines that are to be forwarded: neither hop-by-hop nor dropped.
    ///
    /// - Parameters:
    ///   - bytes: The bytes that were parsed.
    ///   - replaced: Fields that the caller writes itself, or not at all.
    ///   - buffer: Where the lines go.
    package func appendFields(from bytes: Span<UInt8>, except replaced: KnownFieldSet, to buffer: inout ByteBuffer) {
        fields.append(from: bytes, except: replaced, to: &buffer)
    }
}

extension TrailerParser {
    /// Appends the trailers that are to be forwarded.
    ///
    /// - Parameters:
    ///   - bytes: The bytes that were parsed.
    ///   - buffer: Where the lines go.
    package func appendFields(from bytes: Span<UInt8>, to buffer: inout ByteBuffer) {
        fields.append(from: bytes, except: [], to: &buffer)
    }
}
