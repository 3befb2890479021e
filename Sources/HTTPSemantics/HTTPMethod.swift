/// What a request asks for (RFC 9110 §9).
public enum HTTPMethod: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case get, head, post, put, delete, connect, options, trace, patch, lock
    /// A method that has no name here; its bytes are in the request.
    case other

    /// Creates the method with a name; names are case-sensitive, and an unknown one is `.other`.
    package init(matching name: Span<UInt8>) {
        self = .other
        switch name.count {
        case 3:
            if name.spells("G", "E", "T") { self = .get } else if name.spells("P", "U", "T") { self = .put }
        case 4:
            if name.spells("H", "E", "A", "D") {
                self = .head
            } else if name.spells("P", "O", "S", "T") {
                self = .post
            } else if name.spells("L", "O", "C", "K") {
                self = .lock
            }
        case 5:
            if name.spells("P", "A", "T", "C", "H") {
                self = .patch
            } else if name.spells("T", "R", "A", "C", "E") {
                self = .trace
            }
        case 6:
            if name.spells("D", "E", "L", "E", "T", "E") { self = .delete }
        case 7:
            if name.spells("O", "P", "T", "I", "O", "N", "S") {
                self = .options
            } else if name.spells("C", "O", "N", "N", "E", "C", "T") {
                self = .connect
            }
        default: break
        }
    }

    /// Whether two are the same; the operator that raw values bring is generic code, slow in other modules.
    @inlinable
    public static func == (left: HTTPMethod, right: HTTPMethod) -> Bool { left.rawValue == right.rawValue }

    /// Whether a request may be sent to a second backend after a first one may have seen it.
    ///
    /// nginx refuses that for POST, LOCK and PATCH; a method that nobody knows here is refused too, since it may create.
    @inlinable
    public var isIdempotent: Bool {
        switch self {
        case .post, .lock, .patch, .connect, .other: false
        case .get, .head, .put, .delete, .options, .trace: true
        }
    }

    /// Whether the request only reads (RFC 9110 §9.2.1).
    package var isSafe: Bool {
        switch self {
        case .get, .head, .options, .trace: true
        case .post, .put, .delete, .connect, .patch, .lock, .other: false
        }
    }

    /// The method's name; empty for `.other`.
    package var text: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .connect: "CONNECT"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .patch: "PATCH"
        case .lock: "LOCK"
        case .other: ""
        }
    }
}

extension Span<UInt8> {
    /// Whether the bytes are exactly these letters.
    @inline(__always)
    fileprivate func spells(
        _ a: Unicode.Scalar,
        _ b: Unicode.Scalar,
        _ c: Unicode.Scalar,
        _ d: Unicode.Scalar? = nil,
        _ e: Unicode.Scalar? = nil,
        _ f: Unicode.Scalar? = nil,
        _ g: Unicode.Scalar? = nil
    ) -> Bool {
        guard self[0] == UInt8(ascii: a), self[1] == UInt8(ascii: b), self[2] == UInt8(ascii: c) else { return false }
        if let d, self[3] != UInt8(ascii: d) { return false }
        if let e, self[4] != UInt8(ascii: e) { return false }
        if let f, self[5] != UInt8(ascii: f) { return false }
        if let g, self[6] != UInt8(ascii: g) { return false }
        return true
    }
}
