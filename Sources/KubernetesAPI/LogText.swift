extension String {
    /// The text with every invisible character that could spoil a log line or turn its direction written as `\u{…}`.
    package var escapingInvisibles: String {
        guard unicodeScalars.contains(where: \.isInvisible) else { return self }
        var escaped = ""
        for scalar in unicodeScalars {
            if scalar.isInvisible {
                escaped += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension Unicode.Scalar {
    fileprivate var isInvisible: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
