internal import PatternMatching
internal import Routing

extension IngressReading {
    /// Reads `affinity` and its family.
    static func affinity(_ reader: inout AnnotationReader) -> CookieAffinity? {
        let isCookie = reader.read("affinity") { text throws(ValueFault) in
            guard text == "cookie" else { throw ValueFault("is not cookie") }
            return true
        }
        guard isCookie == true else { return nil }
        var affinity = CookieAffinity()
        affinity.mode =
            reader.read("affinity-mode") { text throws(ValueFault) in
                switch text {
                case "balanced": CookieAffinity.Mode.balanced
                case "persistent": .persistent
                default: throw ValueFault("is neither balanced nor persistent")
                }
            } ?? .balanced
        if let name = reader.read("session-cookie-name", TextValues.token) { affinity.name = name }
        affinity.path = reader.read("session-cookie-path") { text throws(ValueFault) in
            guard text.hasPrefix("/") else { throw ValueFault("is no path that begins with a slash") }
            return try TextValues.cookieAttribute(text)
        }
        affinity.domain = reader.read("session-cookie-domain", TextValues.cookieAttribute)
        let seconds = { (text: String) throws(ValueFault) in try TextValues.integer(text, in: 0...Int(Int32.max)) }
        affinity.expiresSeconds = reader.read("session-cookie-expires", seconds)
        affinity.maxAgeSeconds = reader.read("session-cookie-max-age", seconds)
        affinity.sameSite = reader.read("session-cookie-samesite") { text throws(ValueFault) in
            switch text.lowercased() {
            case "none": CookieAffinity.SameSite.none
            case "lax": .lax
            case "strict": .strict
            default: throw ValueFault("is none of None, Lax and Strict")
            }
        }
        affinity.isSameSiteNoneConditional =
            reader.read("session-cookie-conditional-samesite-none", TextValues.bool) ?? false
        affinity.isSecure = reader.read("session-cookie-secure", TextValues.bool)
        affinity.changesOnFailure = reader.read("session-cookie-change-on-failure", TextValues.bool) ?? false
        return affinity
    }

    /// Reads `canary` and its family.
    static func canary(_ reader: inout AnnotationReader) -> CanaryPolicy? {
        let family = ["canary-weight", "canary-by-header", "canary-by-cookie"]
        guard reader.read("canary", TextValues.bool) == true else {
            for name in family where reader.text(name) != nil {
                reader.add(.invalidAnnotation, name, "it has no effect without canary: \"true\"")
            }
            return nil
        }
        var canary = CanaryPolicy()
        let weight = { (text: String) throws(ValueFault) in try TextValues.integer(text, in: 0...Int(Int32.max)) }
        // The balancer of ingress-nginx draws from at least a hundred.
        canary.weightTotal = max(100, reader.read("canary-weight-total", weight) ?? 100)
        canary.weight = min(reader.read("canary-weight", weight) ?? 0, canary.weightTotal)
        canary.header = reader.read("canary-by-header", TextValues.token).map(lowered)
        canary.cookie = reader.read("canary-by-cookie", TextValues.token)
        if let value = reader.text("canary-by-header-value") {
            canary.headerRule = .equals(Array(value.utf8))
        } else if let text = reader.text("canary-by-header-pattern") {
            do throws(PatternError) {
                canary.headerRule = .matches(try Pattern(text))
            } catch {
                canary.header = nil
                reader.add(.invalidRegex, "canary-by-header-pattern", "\(error); the header decides nothing")
            }
        }
        let behavior = reader.read("affinity-canary-behavior") { text throws(ValueFault) in
            switch text {
            case "sticky": true
            case "legacy": false
            default: throw ValueFault("is neither sticky nor legacy")
            }
        }
        canary.keepsAffinity = behavior ?? true
        return canary
    }

    private static func lowered(_ name: [UInt8]) -> [UInt8] {
        name.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
    }
}
