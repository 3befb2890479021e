package import KubernetesAPI

extension ObjectValue {
    /// What a YAML scalar means.
    ///
    /// Quoted text is text. Plain text is resolved as kubectl's parser does it, by YAML 1.1: `yes`, `on` and `true` are
    /// truth values, `0x1F` and `010` are numbers. A tag that says `!!str` or `!!int` decides; other tags do not count.
    package init(yamlScalar text: String, isPlain: Bool, tag: String? = nil) {
        switch tag {
        case "tag:yaml.org,2002:str", "!": self = .string(text)
        case "tag:yaml.org,2002:null": self = .null
        case "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float":
            self = Self.plain(text)
        default: self = isPlain ? Self.plain(text) : .string(text)
        }
    }

    private static func plain(_ text: String) -> ObjectValue {
        guard let first = text.utf8.first else { return .null }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            return number(text) ?? .string(text)
        default:
            // No word below is longer; most text is, and leaves here.
            guard text.utf8.count <= 5 else { return .string(text) }
            return words[text] ?? .string(text)
        }
    }

    private static let words: [String: ObjectValue] = {
        var words: [String: ObjectValue] = ["~": .null, "null": .null, "Null": .null, "NULL": .null]
        for word in ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"] {
            words[word] = .bool(true)
        }
        for word in ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"] {
            words[word] = .bool(false)
        }
        return words
    }()

    private static func number(_ text: String) -> ObjectValue? {
        let digits = text.filter { $0 != "_" }
        var body = Substring(digits)
        let isNegative = body.first == "-"
        if isNegative || body.first == "+" { body = body.dropFirst() }
        switch body {
        case ".inf", ".Inf", ".INF": return .number(isNegative ? -.infinity : .infinity)
        case ".nan", ".NaN", ".NAN": return body.count == digits.count ? .number(.nan) : nil
        default: break
        }
        let lowered = body.lowercased()
        for (prefix, radix) in [("0x", 16), ("0b", 2), ("0o", 8), ("0", 8)] where lowered.hasPrefix(prefix) {
            let rest = lowered.dropFirst(prefix.count)
            guard let first = rest.first, first != "-", first != "+" else { continue }
            if let value = Int64((isNegative ? "-" : "") + rest, radix: radix) { return .integer(value) }
        }
        guard body.utf8.first.map({ $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: "+") }) ?? false else { return nil }
        if let value = Int64(digits) { return .integer(value) }
        return isFloat(body) ? Double(digits).map(ObjectValue.number) : nil
    }

    /// Whether text has the form `1.5e-3`, with a digit on at least one side of the dot.
    private static func isFloat(_ text: Substring) -> Bool {
        var bytes = text.utf8[...]
        func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        let whole = bytes.prefix(while: isDigit).count
        bytes = bytes.dropFirst(whole)
        var fraction = 0
        if bytes.first == UInt8(ascii: ".") {
            bytes = bytes.dropFirst()
            fraction = bytes.prefix(while: isDigit).count
            bytes = bytes.dropFirst(fraction)
        }
        guard whole + fraction > 0 else { return false }
        guard let exponent = bytes.first else { return true }
        guard exponent | 0x20 == UInt8(ascii: "e") else { return false }
        bytes = bytes.dropFirst()
        if let sign = bytes.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { bytes = bytes.dropFirst() }
        return !bytes.isEmpty && bytes.allSatisfy(isDigit)
    }
}
