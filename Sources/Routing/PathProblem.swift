package import PatternMatching

/// Why a rule of a host does not take effect; the others do.
package struct PathProblem: Sendable, CustomStringConvertible {
    /// What is wrong.
    package enum Reason: Hashable, Sendable {
        /// The path is to be a pattern, and is none.
        case invalidPattern(PatternError)
        /// An earlier rule, whose route this is, stands for the same requests.
        case shadowed(by: Int)
    }

    /// The rule.
    package let rule: PathRule
    /// What is wrong with it.
    package let reason: Reason

    package var description: String {
        switch reason {
        case .invalidPattern(let error): "path \(rule.path) is no pattern: \(error)"
        case .shadowed(let route): "path \(rule.path) is taken already, by route \(route)"
        }
    }
}
