/// Labels as Prometheus text, made once for many samples.
package struct LabelText: Hashable, Sendable {
    /// The labels, parted by commas, without braces.
    package private(set) var text = ""

    /// Creates the text of no label.
    package init() {}

    /// Creates the text of labels in their order.
    package init(_ labels: KeyValuePairs<String, String>) {
        for (name, value) in labels { append(name, value) }
    }

    /// Appends a label.
    package mutating func append(_ name: String, _ value: String) {
        if !text.isEmpty { text += "," }
        text += name
        text += "=\""
        text += ExpositionText.escaped(value, quotes: true)
        text += "\""
    }

    /// Appends the labels of another text.
    package mutating func append(_ other: LabelText) {
        if !text.isEmpty, !other.text.isEmpty { text += "," }
        text += other.text
    }
}

extension ExpositionText {
    /// Appends a number under a name and labels that are text already.
    package mutating func sample(_ name: String, _ labels: LabelText, _ value: String) {
        append(name, "", labels, bound: nil, value)
    }

    /// Appends a histogram that is kept elsewhere.
    ///
    /// - Parameters:
    ///   - name: The family's name.
    ///   - labels: The labels of the histogram.
    ///   - bounds: The upper bounds of the buckets as text, ascending, without the infinite one.
    ///   - counts: How many observations fell into each bucket alone; one more than there are bounds.
    ///   - sum: The sum of all observations.
    package mutating func histogram(
        _ name: String,
        _ labels: LabelText,
        bounds: [String],
        counts: borrowing Span<UInt64>,
        sum: Double
    ) {
        var seen: UInt64 = 0
        var bucket = 0
        while bucket < counts.count {
            // The buckets of the format are cumulative.
            seen &+= counts[bucket]
            append(name, "_bucket", labels, bound: bucket < bounds.count ? bounds[bucket] : "+Inf", String(seen))
            bucket += 1
        }
        append(name, "_sum", labels, bound: nil, Self.number(sum))
        append(name, "_count", labels, bound: nil, String(seen))
    }

    private mutating func append(_ name: String, _ suffix: String, _ labels: LabelText, bound: String?, _ value: String)
    {
        append(name)
        append(suffix)
        if !labels.text.isEmpty || bound != nil {
            append("{")
            append(labels.text)
            if let bound {
                append(labels.text.isEmpty ? "le=\"" : ",le=\"")
                append(bound)
                append("\"")
            }
            append("}")
        }
        append(" ")
        append(value)
        append("\n")
    }
}
