/// Small numbers that are given out, given back, and given out again.
struct NumberPool: Sendable {
    private var next = 0
    private var free: [Int] = []
    private var resting: [Int] = []

    /// Gives out a number that nobody has.
    mutating func take() -> Int {
        if let number = free.popLast() { return number }
        next += 1
        return next - 1
    }

    /// Takes a number back; nobody gets it before `settle`.
    mutating func give(back number: Int) { resting.append(number) }

    /// Lets the numbers that were given back be given out again.
    ///
    /// Called before a compilation, so that a number which one table lost never means something else in the next.
    mutating func settle() {
        free += resting
        resting.removeAll()
    }
}
