package import ByteBuffers
package import PatternMatching

/// What became of a path.
package enum RewriteOutcome: Hashable, Sendable {
    /// The pattern is not in the path: the request goes on as it came, and nothing was written.
    case unchanged
    /// The target of the request to the backend was written, path and query.
    case rewritten
    /// The search was given up, and nothing was written: the request is to be answered with status 500.
    case fault(PatternFault)
}

extension Rewrite {
    /// Writes the target of the request to the backend, path and query; allocates nothing once the output is large enough.
    ///
    /// - Parameters:
    ///   - path: The path of the request, decoded and normalised, without the query.
    ///   - clientQuery: What followed the `?` of the request, as it came; empty for none.
    ///   - wasEscaped: Whether the path came with a `%` or a `+` in it. As nginx does, bytes such as `&` that a group
    ///     caught for a query are escaped then, and copied otherwise.
    ///   - scratch: What the thread searches with.
    ///   - output: Where the target is appended.
    /// - Returns: What became of the path.
    package func apply(
        to path: borrowing Span<UInt8>,
        query clientQuery: borrowing Span<UInt8>,
        wasEscaped: Bool = true,
        scratch: inout PatternScratch,
        into output: inout ByteBuffer
    ) -> RewriteOutcome {
        guard pattern.find(in: path, scratch: &scratch) else {
            if let fault = scratch.fault { return .fault(fault) }
            return .unchanged
        }
        let start = output.count
        for part in target {
            switch part {
            case .literal(let bytes):
                if output.count == start, bytes[0] != Self.slash { output.append(Self.slash) }
                output.append(bytes)
            case .group(let number):
                guard let range = scratch.group(number), !range.isEmpty else { continue }
                if output.count == start, path[range.lowerBound] != Self.slash { output.append(Self.slash) }
                EscapedBytes.path.write(path, range, into: &output)
            }
        }
        if output.count == start { output.append(Self.slash) }
        appendQuery(path: path, clientQuery: clientQuery, wasEscaped: wasEscaped, scratch: scratch, into: &output)
        return .rewritten
    }

    private func appendQuery(
        path: borrowing Span<UInt8>,
        clientQuery: borrowing Span<UInt8>,
        wasEscaped: Bool,
        scratch: borrowing PatternScratch,
        into output: inout ByteBuffer
    ) {
        let mark = output.count
        output.append(UInt8(ascii: "?"))
        if let query {
            let escaped = wasEscaped ? EscapedBytes.query : EscapedBytes.forbidden
            for part in query {
                switch part {
                case .literal(let bytes): output.append(bytes)
                case .group(let number):
                    guard let range = scratch.group(number) else { continue }
                    escaped.write(path, range, into: &output)
                }
            }
        }
        if keepsQuery, !clientQuery.isEmpty {
            if query != nil { output.append(UInt8(ascii: "&")) }
            output.append(clientQuery)
        }
        // A query of no bytes has no question mark either.
        if output.count == mark + 1 { output.truncate(to: mark) }
    }

    private static let slash = UInt8(ascii: "/")
}
