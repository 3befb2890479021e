/// Small numbers that are given out, given back, and given out again.
struct NumberPool: Sendable {
    private var next = 0
    private var free: [Int] = []
    private var resting: [Int] = []
    private let isStamped: Bool

    /// Creates a pool that has given out nothing.
    ///
    /// - Parameter isStamped: Whether what is given out says above its low 32 bits how often its number was given out
    ///   before, so that nothing that is kept under it is ever taken for a later owner's.
    init(isStamped: Bool = false) { self.isStamped = isStamped }

    /// Gives out a number that nobody has.
    mutating func take() -> Int {
        if let number = free.popLast() { return number }
        next += 1
        return next - 1
    }

    /// Takes a number back; nobody gets it before `settle`.
    mutating func give(back number: Int) { resting.append(isStamped ? number &+ 1 << 32 : number) }

    /// Lets the numbers that were given back be given out again.
    ///
    /// Called before a compilation, so that a number which one table lost never means something else in the next.
    mutating func settle() {
        free += resting
        resting.removeAll()
    }
}
