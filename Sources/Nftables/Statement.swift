package import NetworkAddress

/// One part of a rule.
///
/// A rule's parts run in order until one does not match or gives a verdict.
package enum Statement: Hashable, Sendable {
    /// Goes on when the field compares as told.
    case match(Field, Comparison)
    /// Goes on when the fields are a key of the set or map, or are not.
    case member([Field], of: String, isMember: Bool = true)
    /// Gives the verdict that the map holds for the fields; ends the rule when it holds none, so that the next rule runs.
    case verdictMap([Field], String)
    /// Gives the verdict.
    case verdict(Verdict)
    /// Sends the connection to the address and port that the map holds for the fields; ends the rule when it holds
    /// none, so that the next rule runs.
    ///
    /// The key must come from the packet. One that came from another map makes nft abort when it lists the ruleset.
    case destinationNAT([Field], map: String)
    /// Puts an element into a dynamic map, with what the value's fields hold, for so many seconds; one that is there
    /// already with its key keeps its value and lasts anew. Goes on, also when the map is full.
    ///
    /// - Note: The kernel does not write another value over an element that is there.
    case remember([Field], value: [Field], map: String, seconds: UInt32)
    /// Takes the element with the key out of a dynamic map; goes on, also when there is none.
    case forget([Field], value: [Field], map: String)
    /// Gives the connection an address of the outgoing interface as its source, and a random port.
    case masquerade
    /// Answers the sender and drops the packet.
    case reject(Rejection)
    /// Sets the mark's bits.
    case setMarkBits(UInt32)
    /// Turns the mark's bits over.
    case flipMarkBits(UInt32)
}

/// How a field must compare for a rule to go on.
package enum Comparison: Hashable, Sendable {
    /// The value is the number.
    case equals(UInt32)
    /// The value has one of the bits at least.
    case hasAnyBit(of: UInt32)
    /// The address is in the range.
    case isIn(IPPrefix)
    /// The address is not in the range.
    case isNotIn(IPPrefix)
    /// The name is this one.
    case isNamed(String)
    /// The name starts like this.
    case isNamedLike(prefix: String)
}

/// How a packet is refused.
package enum Rejection: Hashable, Sendable {
    /// With a TCP reset. Requires that the rule has matched TCP. The kernel does not limit its rate.
    case tcpReset
    /// With an ICMP or ICMPv6 "port unreachable". The kernel limits its rate (`icmp_ratelimit`).
    case portUnreachable
}

/// A list of statements.
package struct Rule: Hashable, Sendable {
    /// The parts, in the order in which they run.
    package let statements: [Statement]

    /// Words for whoever lists the ruleset; at most `Element.commentBytesMax` bytes.
    package let comment: String?

    /// Creates a rule.
    package init(_ statements: [Statement], comment: String? = nil) {
        self.statements = statements
        self.comment = comment
    }
}
