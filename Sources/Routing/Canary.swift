package import PatternMatching

/// Which requests of a route go to another backend (`canary` and its family).
///
/// The rules are asked in this order: header, cookie, weight.
package struct Canary: Sendable {
    /// What the value of the header says.
    package enum HeaderRule: Sendable {
        /// `always` and `never` decide; any other value goes on to the next rule.
        case alwaysOrNever
        /// Equal values go to the canary; others go on to the next rule.
        case equals([UInt8])
        /// Values in which the pattern is found go to the canary; others go on to the next rule.
        case matches(Pattern)
    }

    /// Where those requests go.
    package var backend: Backend.ID
    /// The name of the canary's backend, for metrics and logs: `namespace-service-port`.
    package var name: String
    /// The name of the header, in lower case; nil for none.
    package var header: [UInt8]?
    /// What the header's value says.
    package var headerRule: HeaderRule
    /// The name of the cookie; nil for none.
    package var cookie: [UInt8]?
    /// How many requests of `weightTotal` go to the canary.
    package var weight: Int
    /// The sum of the weights of both.
    package var weightTotal: Int
    /// Whether clients that have a cookie of affinity stay with the backend that it names.
    package var keepsAffinity: Bool

    /// Creates a canary.
    package init(
        backend: Backend.ID,
        name: String,
        header: [UInt8]? = nil,
        headerRule: HeaderRule = .alwaysOrNever,
        cookie: [UInt8]? = nil,
        weight: Int = 0,
        weightTotal: Int = 100,
        keepsAffinity: Bool = true
    ) {
        self.backend = backend
        self.name = name
        self.header = header
        self.headerRule = headerRule
        self.cookie = cookie
        self.weight = weight
        self.weightTotal = weightTotal
        self.keepsAffinity = keepsAffinity
    }
}
