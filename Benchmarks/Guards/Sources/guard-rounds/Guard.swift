/// A piece of work that always takes the same steps.
struct Guard {
    let name: String
    /// What one unit of the work is.
    let unit: String
    /// How often the work is done in either of the two runs that are compared.
    let rounds: (few: Int, many: Int)
    /// How many units a round is made of.
    let unitsPerRound: Int
    /// Prepares the work, and returns what does one round of it; both throw when the work was not done.
    let prepare: () throws -> (Int) throws -> Void
}

/// Work that was not done, so that its count means nothing.
struct Undone: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
