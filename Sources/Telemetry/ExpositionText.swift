/// Prometheus text in the making.
package struct ExpositionText {
    /// What there is so far.
    package private(set) var lines = ""

    /// Creates an empty text.
    package init() {}

    /// Begins a family of metrics.
    package mutating func describe(_ name: String, _ help: String, type: String) {
        lines += "# HELP \(name) \(Self.escaped(help, quotes: false))\n# TYPE \(name) \(type)\n"
    }

    mutating func sample(_ name: String, _ labels: [(name: String, value: String)], _ value: String) {
        lines += name
        if !labels.isEmpty {
            let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
            lines += "{\(pairs.joined(separator: ","))}"
        }
        lines += " \(value)\n"
    }

    mutating func histogram(_ name: String, _ labels: [(name: String, value: String)], _ histogram: Histogram) {
        var seen: UInt64 = 0
        for (bound, count) in zip(histogram.bounds + [.infinity], histogram.counts) {
            // The buckets of the format are cumulative.
            seen &+= count
            sample("\(name)_bucket", labels + [("le", Self.number(bound))], String(seen))
        }
        sample("\(name)_sum", labels, Self.number(histogram.sum))
        sample("\(name)_count", labels, String(seen))
    }

    mutating func append(_ line: String) { lines += line }

    /// A number as Go reads it.
    package static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return NumberText.decimal(value)
    }

    /// Backslashes and line breaks are always escaped, quotation marks only in label values.
    static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
