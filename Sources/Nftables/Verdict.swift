/// What ends the walk of a packet through a rule.
package enum Verdict: Hashable, Sendable, CustomStringConvertible {
    case accept
    case drop
    /// Back to the rule after the jump that led to this chain.
    case `return`
    /// On to another chain, and back here at its end.
    case jump(String)
    /// On to another chain, and from its end back to where this one was jumped from.
    case goto(String)

    /// The verdict as nft prints it.
    package var description: String {
        switch self {
        case .accept: "accept"
        case .drop: "drop"
        case .return: "return"
        case .jump(let chain): "jump \(chain)"
        case .goto(let chain): "goto \(chain)"
        }
    }

    /// The chain that the packet moves to, if any.
    package var target: String? {
        switch self {
        case .jump(let chain), .goto(let chain): chain
        case .accept, .drop, .return: nil
        }
    }
}
