/// Why a text is no pattern.
package enum PatternError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text is longer than a pattern may be.
    case tooLong(bytes: Int, max: Int)
    /// The text has more groups than a pattern may have.
    case tooManyGroups(count: Int, max: Int)
    /// The text is not what PCRE2 understands, from this byte on and for the reason that it gives.
    case invalid(reason: String, position: Int)

    package var description: String {
        switch self {
        case .tooLong(let bytes, let max): "the pattern has \(bytes) bytes; at most \(max) are allowed"
        case .tooManyGroups(let count, let max): "the pattern has \(count) groups; at most \(max) are allowed"
        case .invalid(let reason, let position): "\(reason), at byte \(position) of the pattern"
        }
    }
}

/// Why a search was given up, so that nobody knows whether the pattern is there.
package enum PatternFault: Hashable, Sendable, CustomStringConvertible {
    /// The search took more steps than it may: the pattern backtracks too much over this subject.
    case tooManySteps
    /// The search needed more memory than it may.
    case tooMuchMemory
    /// PCRE2 gave up with a code of its own.
    case other(Int32)

    package var description: String {
        switch self {
        case .tooManySteps: "the pattern backtracks too much"
        case .tooMuchMemory: "the pattern needs too much memory"
        case .other(let code): "PCRE2 gave up with code \(code)"
        }
    }
}
