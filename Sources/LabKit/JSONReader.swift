/// Reads the JSON that `fairlead-echo` writes: objects of numbers, of texts in arrays, and of such objects.
struct JSONReader {
    struct Unreadable: Error {}

    private var rest: Substring

    init(_ text: String) { rest = text[...] }

    /// Calls `read` with each name of an object; it must take the value.
    mutating func members(_ read: (inout JSONReader, String) throws(Unreadable) -> Void) throws(Unreadable) {
        try take("{")
        if takes("}") { return }
        repeat {
            let name = try text()
            try take(":")
            try read(&self, name)
        } while takes(",")
        try take("}")
    }

    /// Reads an object whose values are all whole numbers.
    mutating func counts() throws(Unreadable) -> [String: Int] {
        var counts: [String: Int] = [:]
        try members { (reader, name) throws(Unreadable) in counts[name] = try reader.integer() }
        return counts
    }

    /// Reads an array whose values are all texts.
    mutating func texts() throws(Unreadable) -> [String] {
        var texts: [String] = []
        try take("[")
        if takes("]") { return texts }
        repeat { texts.append(try text()) } while takes(",")
        try take("]")
        return texts
    }

    mutating func integer() throws(Unreadable) -> Int {
        guard let number = Int(try numberText()) else { throw Unreadable() }
        return number
    }

    mutating func number() throws(Unreadable) -> Double {
        guard let number = Double(try numberText()) else { throw Unreadable() }
        return number
    }

    private mutating func numberText() throws(Unreadable) -> Substring {
        skipBlanks()
        let digits = rest.prefix { "+-.eE0123456789".contains($0) }
        rest = rest[digits.endIndex...]
        return digits
    }

    private mutating func text() throws(Unreadable) -> String {
        try take("\"")
        var text = ""
        while let character = rest.popFirst(), character != "\"" {
            guard character == "\\" else {
                text.append(character)
                continue
            }
            switch rest.popFirst() {
            case "n": text += "\n"
            case "r": text += "\r"
            case "t": text += "\t"
            case "u":
                guard let code = UInt32(rest.prefix(4), radix: 16), let scalar = Unicode.Scalar(code) else {
                    throw Unreadable()
                }
                text.unicodeScalars.append(scalar)
                rest = rest.dropFirst(4)
            case let escaped?: text.append(escaped)
            case nil: throw Unreadable()
            }
        }
        return text
    }

    private mutating func take(_ character: Character) throws(Unreadable) {
        guard takes(character) else { throw Unreadable() }
    }

    private mutating func takes(_ character: Character) -> Bool {
        skipBlanks()
        guard rest.first == character else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func skipBlanks() { rest = rest.drop(while: \.isWhitespace) }
}
