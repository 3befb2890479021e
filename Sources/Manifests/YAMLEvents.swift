internal import CYAML

/// One event of a YAML stream, as libyaml's parser reports it.
enum YAMLEvent: Hashable {
    case documentStart
    case documentEnd
    case alias(String)
    /// A scalar; `isPlain` when it stands without quotes, so that its text may mean a number, a truth value or null.
    case scalar(String, isPlain: Bool, tag: String?, anchor: String?)
    case sequenceStart(anchor: String?)
    case sequenceEnd
    case mappingStart(anchor: String?)
    case mappingEnd
}

/// A place in a YAML text, both counted from 1.
struct YAMLPosition: Hashable {
    var line: Int
    var column: Int
}

/// Reads a YAML text event by event; a syntax error ends the reading.
///
/// The corresponding C function is `yaml_parser_parse`.
///
/// The text is in UTF-8, or in UTF-16 with a byte order mark. `receive` takes each event with the place where it begins;
/// what it throws ends the reading.
func readYAMLEvents(
    in bytes: ArraySlice<UInt8>,
    _ receive: (YAMLEvent, YAMLPosition) throws(ManifestSyntaxError) -> Void
) throws(ManifestSyntaxError) {
    try unsafe bytes.withUnsafeBufferPointer { buffer throws(ManifestSyntaxError) in
        // The parser reads from the buffer only during this closure, and is deleted at its end.
        var parser = unsafe yaml_parser_t()
        guard unsafe yaml_parser_initialize(&parser) == 1 else {
            throw ManifestSyntaxError(line: 1, column: 1, message: "there is no memory for a YAML parser")
        }
        defer { unsafe yaml_parser_delete(&parser) }
        // An empty buffer may have no address, and libyaml asserts one.
        guard let start = buffer.baseAddress else { return }
        unsafe yaml_parser_set_input_string(&parser, start, buffer.count)
        while true {
            var event = unsafe yaml_event_t()
            guard unsafe yaml_parser_parse(&parser, &event) == 1 else { throw unsafe syntaxError(of: parser) }
            // The event's strings belong to it; everything that is kept is copied before it is deleted.
            defer { unsafe yaml_event_delete(&event) }
            let mark = unsafe event.start_mark
            if unsafe event.type == YAML_STREAM_END_EVENT { return }
            if let known = unsafe YAMLEvent(event) {
                try receive(known, YAMLPosition(line: Int(mark.line) + 1, column: Int(mark.column) + 1))
            }
        }
    }
}

extension YAMLEvent {
    /// Copies an event of libyaml, or returns nil for the start of the stream.
    fileprivate init?(_ event: yaml_event_t) {
        // The union's member is the one that the type names.
        switch unsafe event.type {
        case YAML_DOCUMENT_START_EVENT: self = .documentStart
        case YAML_DOCUMENT_END_EVENT: self = .documentEnd
        case YAML_ALIAS_EVENT: self = .alias(unsafe text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            // libyaml has checked that the bytes are UTF-8, and says how many there are, since one may be zero.
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            self = unsafe .scalar(
                String(decoding: bytes, as: UTF8.self),
                isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE,
                tag: text(scalar.tag),
                anchor: text(scalar.anchor)
            )
        case YAML_SEQUENCE_START_EVENT: self = .sequenceStart(anchor: unsafe text(event.data.sequence_start.anchor))
        case YAML_SEQUENCE_END_EVENT: self = .sequenceEnd
        case YAML_MAPPING_START_EVENT: self = .mappingStart(anchor: unsafe text(event.data.mapping_start.anchor))
        case YAML_MAPPING_END_EVENT: self = .mappingEnd
        default: return nil
        }
    }
}

/// Copies a null-terminated string of libyaml.
private func text(_ pointer: UnsafePointer<yaml_char_t>?) -> String? {
    guard let pointer = unsafe pointer else { return nil }
    return unsafe String(cString: pointer)
}

/// What the parser says after a failure.
private func syntaxError(of parser: yaml_parser_t) -> ManifestSyntaxError {
    // libyaml's messages are constants in its own memory.
    let problem = unsafe parser.problem.map { unsafe String(cString: $0) } ?? "the text cannot be parsed"
    let mark = unsafe parser.problem_mark
    // A reader error (bad UTF-8, a control character) comes before the marks are set; the parser stands just before it.
    if unsafe parser.error == YAML_READER_ERROR {
        let place = unsafe parser.mark
        return ManifestSyntaxError(line: Int(place.line) + 1, column: Int(place.column) + 1, message: problem)
    }
    var message = problem
    if let context = unsafe parser.context {
        let since = unsafe parser.context_mark.line
        // libyaml marks both in lines of this text; only the distance is certain once the text is a part of a file.
        let above = Int(mark.line) - Int(since)
        let place = above > 0 ? " that begins \(above) line\(above == 1 ? "" : "s") above" : ""
        message += unsafe " (\(String(cString: context))\(place))"
    }
    return ManifestSyntaxError(line: Int(mark.line) + 1, column: Int(mark.column) + 1, message: message)
}
