/// Numbers as JSON and Prometheus read them.
enum NumberText {
    /// Returns the shortest decimal text of a number, without `.0` behind a whole one.
    static func decimal(_ number: Double) -> String {
        // Beyond 2^53 a whole number is better told by its exponent.
        if number == number.rounded(), abs(number) < 9e15 { return String(Int64(number)) }
        return number.description
    }
}
