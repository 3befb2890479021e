internal import ByteBuffers
internal import HTTPWire
internal import NetworkAddress
internal import PatternMatching
internal import Routing

/// Addresses with variables of nginx in them, put together for one request.
extension Worker {
    /// Appends what a template stands for to `targetText`.
    ///
    /// The head lies in the inbox, the path in `pathText` if it was changed, and what groups caught in `patterns`. Every
    /// value goes through `RequestVariable.write`, so that none can end the line.
    mutating func expand(
        _ template: RequestTemplate,
        _ exchange: Int32,
        _ head: RequestHead,
        _ path: PathOutcome,
        _ route: Route
    ) {
        for part in template.parts {
            switch part {
            case .literal(let bytes): targetText.append(bytes)
            case .variable(let variable, let isInQuery):
                append(variable, isInQuery: isInQuery, exchange, head, path, route)
            }
        }
    }

    private mutating func append(
        _ variable: RequestVariable,
        isInQuery: Bool,
        _ exchange: Int32,
        _ head: RequestHead,
        _ path: PathOutcome,
        _ route: Route
    ) {
        switch variable {
        case .target:
            appendValue(variable, head.path)
            if head.path.isEmpty { targetText.append(UInt8(ascii: "/")) }
            guard head.hasQuery else { return }
            targetText.append(UInt8(ascii: "?"))
            appendValue(variable, head.query)
        case .path:
            if case .same = path {
                appendValue(variable, head.path, isInQuery: isInQuery)
                if head.path.isEmpty { targetText.append(UInt8(ascii: "/")) }
            } else {
                variable.write(pathText.lent, isInQuery: isInQuery, into: &targetText)
            }
        case .query: appendValue(variable, head.query)
        case .questionMark: if !head.query.isEmpty { targetText.append(UInt8(ascii: "?")) }
        case .parameter(let name): appendValue(variable, queryParameter(name, head.query))
        case .host: variable.write(hostText.lent, isInQuery: isInQuery, into: &targetText)
        case .authority: appendValue(variable, head.authority)
        case .forwardedAuthority: appendValue(variable, forwardedAuthority(exchange) ?? head.authority)
        case .subdomain: appendSubdomain(variable, route)
        case .scheme: appendScheme(isHTTPS: exchanges[exchange].flags.contains(.isHTTPS))
        case .forwardedScheme: appendScheme(isHTTPS: isSecure(exchange))
        case .port: targetText.append(portTexts[Int(io.links[exchanges[exchange].client].listener)])
        case .forwardedPort:
            if let port = forwardedPort(exchange) {
                appendValue(variable, port)
            } else {
                targetText.append(portTexts[Int(io.links[exchanges[exchange].client].listener)])
            }
        case .method: appendValue(variable, head.methodPiece)
        case .client: targetText.append(clientAddress(exchange))
        case .requestID:
            let id = io.buffers[exchanges[exchange].saved].lent[exchanges[exchange].pieces.requestID]
            variable.write(id, isInQuery: isInQuery, into: &targetText)
        case .field(let name): if let line = field(named: name) { appendValue(variable, line.value) }
        case .cookie(let name):
            guard let value = cookieValue(named: name.span) else { return }
            variable.write(value, isInQuery: isInQuery, into: &targetText)
        case .group(let number):
            guard let range = patterns.group(number) else { return }
            if case .same = path {
                variable.write(inbox.lent[head.path].extracting(range), isInQuery: isInQuery, into: &targetText)
            } else {
                variable.write(pathText.lent.extracting(range), isInQuery: isInQuery, into: &targetText)
            }
        case .namespace, .ingress, .service, .servicePort, .declaredPath, .declaredHost:
            guard let value = variable.value(of: route.origin) else { return }
            variable.write(value.utf8Span.span, isInQuery: isInQuery, into: &targetText)
        }
    }

    private mutating func appendValue(_ variable: RequestVariable, _ piece: Piece, isInQuery: Bool = false) {
        variable.write(inbox.lent[piece], isInQuery: isInQuery, into: &targetText)
    }

    private mutating func appendScheme(isHTTPS: Bool) {
        if isHTTPS { targetText.append("https") } else { targetText.append("http") }
    }

    private mutating func appendSubdomain(_ variable: RequestVariable, _ route: Route) {
        guard route.origin.host.utf8.starts(with: "*.".utf8) else { return }
        var end = 0
        while end < hostText.count, hostText.lent[end] != UInt8(ascii: ".") { end += 1 }
        variable.write(hostText.lent.extracting(0..<end), isInQuery: false, into: &targetText)
    }

    /// The value of the first parameter of a name, which is in lower case; nothing without one.
    private func queryParameter(_ name: [UInt8], _ query: Piece) -> Piece {
        let bytes = inbox.lent[query]
        var position = 0
        while position < bytes.count {
            let start = position
            while position < bytes.count, bytes[position] != UInt8(ascii: "&") { position += 1 }
            let value = start + name.count + 1
            if value <= position, bytes[value - 1] == UInt8(ascii: "="), isNamed(name, bytes, at: start) {
                return Piece((Int(query.start) + value)..<(Int(query.start) + position))
            }
            position += 1
        }
        return .none
    }

    private func isNamed(_ name: [UInt8], _ bytes: Span<UInt8>, at start: Int) -> Bool {
        for index in name.indices {
            let byte = bytes[start + index]
            let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            if (isCapital ? byte | 32 : byte) != name[index] { return false }
        }
        return true
    }
}
