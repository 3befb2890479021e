package import ByteBuffers

extension CookieAffinity {
    /// Appends the value of a Set-Cookie field that keeps a client with its endpoint.
    ///
    /// - Parameters:
    ///   - key: What the endpoint is picked by.
    ///   - backend: What names the backend in the cookie.
    ///   - routePath: The path of the route as declared, for cookies without a path of their own.
    ///   - isHTTPS: Whether the request came over HTTPS.
    ///   - userAgent: The value of User-Agent; empty for none.
    ///   - now: The time in seconds since 1970, for `Expires`.
    ///   - output: Where the value is appended.
    package func writeSetCookie(
        key: borrowing Span<UInt8>,
        backend: borrowing Span<UInt8>,
        routePath: borrowing Span<UInt8>,
        isHTTPS: Bool,
        userAgent: borrowing Span<UInt8>,
        now: Int64,
        into output: inout ByteBuffer
    ) {
        output.append(name)
        output.append(UInt8(ascii: "="))
        output.append(key)
        output.append(Self.delimiter)
        output.append(backend)
        if let expiresSeconds {
            output.append("; Expires=")
            CookieTime(secondsSince1970: now + Int64(expiresSeconds)).write(into: &output)
        }
        if let maxAgeSeconds {
            output.append("; Max-Age=")
            output.append(decimal: Int64(maxAgeSeconds))
        }
        if let domain {
            output.append("; Domain=")
            output.append(domain)
        }
        output.append("; Path=")
        if let path { output.append(path) } else { output.append(routePath) }
        if isSecure ?? isHTTPS { output.append("; Secure") }
        output.append("; HttpOnly")
        switch sameSite {
        case nil: break
        case .lax: output.append("; SameSite=Lax")
        case .strict: output.append("; SameSite=Strict")
        case .some(.none):
            let isLeftOut = isSameSiteNoneConditional && Self.misunderstandsNone(userAgent)
            if !isLeftOut { output.append("; SameSite=None") }
        }
    }

    // Browsers that took `SameSite=None` for `Strict`, or refused the cookie, as far as ingress-nginx knows them: Chrome
    // with numbers from 40 to 69, iOS 12, and Safari on macOS 10.14; see
    // https://www.chromium.org/updates/same-site/incompatible-clients.
    private static func misunderstandsNone(_ userAgent: borrowing Span<UInt8>) -> Bool {
        if contains(userAgent, "Chrome/4") || contains(userAgent, "Chrome/5") || contains(userAgent, "Chrome/6") {
            return true
        }
        if contains(userAgent, "CPU iPhone OS 12") || contains(userAgent, "iPad; CPU OS 12") { return true }
        return contains(userAgent, "Macintosh") && contains(userAgent, "Intel Mac OS X 10_14")
            && contains(userAgent, "Safari") && !contains(userAgent, "Chrome")
    }

    private static func contains(_ bytes: borrowing Span<UInt8>, _ text: String) -> Bool {
        let wanted = text.utf8Span.span
        var start = 0
        while start + wanted.count <= bytes.count {
            var offset = 0
            while offset < wanted.count, bytes[start + offset] == wanted[offset] { offset += 1 }
            if offset == wanted.count { return true }
            start += 1
        }
        return false
    }
}
