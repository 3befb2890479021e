/// What the three conditions of an endpoint come to, the better one of two duplicates first.
///
/// kube-proxy prefers a duplicate that is not terminating even where it is not ready: an endpoint that moves
/// from one slice to another is in both for a while, and the fresher entry is the one that is not ending.
enum EndpointState: UInt8, Comparable, Sendable {
    /// Takes new flows.
    case ready
    /// Takes none.
    case notReady
    /// Takes new flows although it is ending (`publishNotReadyAddresses`).
    case readyWhileTerminating
    /// Takes new flows only when nothing is ready.
    case servingWhileTerminating
    /// Takes none and will not come back.
    case stopped

    /// Creates the state from the conditions of an EndpointSlice's endpoint.
    init(isReady: Bool, isServing: Bool, isTerminating: Bool) {
        switch (isTerminating, isReady, isServing) {
        case (false, true, _): self = .ready
        case (false, false, _): self = .notReady
        case (true, true, _): self = .readyWhileTerminating
        case (true, false, true): self = .servingWhileTerminating
        case (true, false, false): self = .stopped
        }
    }

    /// Whether the endpoint counts as ready.
    var isReady: Bool { self == .ready || self == .readyWhileTerminating }

    static func < (left: EndpointState, right: EndpointState) -> Bool { left.rawValue < right.rawValue }
}
