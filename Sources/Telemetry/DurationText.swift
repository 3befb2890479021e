extension Duration {
    /// The length in seconds.
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }

    /// The length in the unit that suits it, with at most one decimal below ten: `7us`, `1.2ms`, `34ms`, `2.5s`.
    package var shortText: String {
        let seconds = inSeconds
        let magnitude = abs(seconds)
        // The bounds lie where rounding would print "1000" of the smaller unit.
        if magnitude < 0.000_999_5 { return Self.short(seconds * 1e6) + "us" }
        if magnitude < 0.999_5 { return Self.short(seconds * 1e3) + "ms" }
        return Self.short(seconds) + "s"
    }

    private static func short(_ number: Double) -> String {
        let rounded = abs(number) < 9.95 ? (number * 10).rounded() / 10 : number.rounded()
        return NumberText.decimal(rounded)
    }
}
