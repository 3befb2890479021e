/// The place of an endpoint in its backend's balancer: what a worker keeps of it while requests are under way.
///
/// An endpoint keeps its slot for as long as it is there. Another may then get the same index, never the same slot,
/// so that what is said about one that has gone reaches nobody else.
package struct EndpointSlot: BitwiseCopyable, Hashable, Sendable {
    private let place: UInt32
    /// How many endpoints had the index before.
    let generation: UInt32

    init(index: Int, generation: UInt32) {
        place = UInt32(index)
        self.generation = generation
    }

    /// The index, small and dense, for tables beside the balancer such as a pool of idle connections.
    package var index: Int { Int(place) }

    /// A mark that fits a list of tried endpoints.
    ///
    /// It is one of its own while an exchange lasts: an index is not given out 4,096 times meanwhile.
    fileprivate var mark: UInt32 { place & 0xf_ffff | generation << 20 }
}

/// The endpoints that an exchange has tried so far, in 36 bytes.
package struct TriedEndpoints: BitwiseCopyable, Sendable {
    /// The most attempts that an exchange can make; whatever a configuration asks for, it ends here.
    package static let capacity = 8

    private var marks: InlineArray<8, UInt32> = InlineArray(repeating: 0)

    /// How many were tried.
    package private(set) var count: UInt32 = 0

    /// Creates the list of an exchange that has tried none.
    package init() {}

    /// Whether none was tried.
    package var isEmpty: Bool { count == 0 }

    /// Whether no other attempt can be remembered, so that none may be made.
    package var isFull: Bool { count == Self.capacity }

    /// Remembers an endpoint.
    ///
    /// - Precondition: The list is not full.
    package mutating func insert(_ slot: EndpointSlot) {
        precondition(!isFull, "an exchange tries at most \(Self.capacity) endpoints")
        if contains(slot) { return }
        marks[Int(count)] = slot.mark
        count += 1
    }

    /// Whether an endpoint was tried.
    package func contains(_ slot: EndpointSlot) -> Bool {
        for index in 0..<Int(count) where marks[index] == slot.mark { return true }
        return false
    }
}
