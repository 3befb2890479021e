package import PatternMatching

extension Canary {
    /// Where a request goes.
    package enum Choice: UInt8, Hashable, Sendable {
        /// To the backend of the route.
        case main
        /// To the backend of the canary.
        case canary
    }

    /// The number of equally likely values of the random number for `decide`; never less than 100.
    package var randomBound: Int { max(100, weightTotal) }

    /// Decides where a request goes, whose client has no cookie that keeps it with a backend.
    ///
    /// - Parameters:
    ///   - headerValue: The value of the header that the canary names; nil if the request has none.
    ///   - cookieValue: The value of the cookie that the canary names; nil if the request has none.
    ///   - random: A random number from 0 up to `randomBound`, without that.
    ///   - scratch: What the thread searches with.
    /// - Returns: The choice; that of the route's backend if the search for the pattern was given up.
    package func decide(
        headerValue: Span<UInt8>?,
        cookieValue: Span<UInt8>?,
        random: Int,
        scratch: inout PatternScratch
    ) -> Choice {
        if header != nil, let headerValue {
            switch headerRule {
            case .alwaysOrNever:
                if let choice = Self.choice(headerValue) { return choice }
            case .equals(let value):
                if Self.equal(headerValue, value.span) { return .canary }
            case .matches(let pattern):
                if pattern.find(in: headerValue, scratch: &scratch) { return .canary }
                if scratch.fault != nil { return .main }
            }
        }
        if cookie != nil, let cookieValue, let choice = Self.choice(cookieValue) { return choice }
        return random < weight ? .canary : .main
    }

    // What `always` and `never` say; other values say nothing.
    private static func choice(_ value: Span<UInt8>) -> Choice? {
        if equal(value, "always") { return .canary }
        return equal(value, "never") ? .main : nil
    }

    private static func equal(_ value: Span<UInt8>, _ other: Span<UInt8>) -> Bool {
        guard value.count == other.count else { return false }
        for index in value.indices where value[index] != other[index] { return false }
        return true
    }

    private static func equal(_ value: Span<UInt8>, _ word: String) -> Bool {
        equal(value, word.utf8Span.span)
    }
}
