internal import NetworkAddress
internal import Nftables
internal import ServiceModel

/// A front end as the kernel holds it: which endpoint is in which slot.
struct ProgrammedFrontEnd: Hashable {
    /// What happens to a new flow.
    enum Action: Hashable {
        /// It goes to one of the endpoints; their indices are their slots.
        case forward(slots: [Endpoint], size: UInt32)
        /// It is refused.
        case refuse
        /// It is dropped.
        case drop
    }

    let key: FrontEndKey

    /// The name of the Service port; empty for the only, unnamed one.
    let portName: String

    let masquerade: Masquerade
    let action: Action

    /// Resolves a front end into slots, keeping what the kernel holds already where it can.
    ///
    /// - Parameters:
    ///   - frontEnd: What to program.
    ///   - current: What the kernel holds for the same key, if anything.
    init(_ frontEnd: FrontEnd, current: ProgrammedFrontEnd?) {
        key = frontEnd.key
        portName = frontEnd.portName
        masquerade = frontEnd.masquerade
        switch frontEnd.action {
        case .refuse: action = .refuse
        case .drop: action = .drop
        case .forward(let endpoints):
            var slots: [Endpoint] = []
            var size: UInt32?
            if case .forward(let held, let heldSize) = current?.action { (slots, size) = (held, heldSize) }
            let filled = Slots.filled(slots, with: endpoints)
            action = .forward(slots: filled, size: BalancingClass.holding(filled.count, current: size))
        }
    }

    /// The front end that this is the programmed form of, its endpoints in the order of their slots.
    var frontEnd: FrontEnd {
        let action: FrontEndAction =
            switch action {
            case .forward(let slots, _): .forward(slots)
            case .refuse: .refuse
            case .drop: .drop
            }
        return FrontEnd(key: key, portName: portName, masquerade: masquerade, action: action)
    }

    /// Whether the table holds the same elements for both, but for those of the slots.
    func differsInSlotsOnly(from other: ProgrammedFrontEnd) -> Bool {
        guard case .forward(_, let size) = action, case .forward(_, let otherSize) = other.action else {
            return self == other
        }
        return key == other.key && portName == other.portName && masquerade == other.masquerade && size == otherSize
    }
}

/// Which endpoint is in which slot.
enum Slots {
    /// Returns slots that hold the endpoints, with as few changes as can be.
    ///
    /// An endpoint that stays keeps its slot. New ones take the slots of those that went; slots that are left over
    /// are filled from the end.
    static func filled(_ current: [Endpoint], with endpoints: [Endpoint]) -> [Endpoint] {
        guard !current.isEmpty else { return endpoints }
        let wanted = Dictionary(endpoints.map { ($0.destination, $0) }, uniquingKeysWith: { first, _ in first })
        let held = Set(current.map(\.destination))
        var arrivals = endpoints.filter { !held.contains($0.destination) }[...]
        // The locality may have changed though the destination has not.
        var slots: [Endpoint?] = current.map { wanted[$0.destination] ?? arrivals.popFirst() }
        slots += arrivals.map { $0 }
        while let hole = slots.firstIndex(where: { $0 == nil }) {
            guard let last = slots.popLast(), hole < slots.count else { continue }
            if let last { slots[hole] = last }
        }
        return slots.compactMap(\.self)
    }
}

/// The comments of elements, within what nft can print.
enum ElementComment {
    /// Returns the text, or its beginning and a hash of the whole where it is too long for a comment.
    static func fitting(_ text: String) -> String {
        guard text.utf8.count > Element.commentBytesMax else { return text }
        let digest = String(fowlerNollVo(text.utf8), radix: 16)
        var beginning = text
        while beginning.utf8.count > Element.commentBytesMax - digest.utf8.count - 1 { beginning.removeLast() }
        return "\(beginning)~\(digest)"
    }

    /// The 64-bit FNV-1a hash: the same in every run, which Swift's own is not.
    private static func fowlerNollVo(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
