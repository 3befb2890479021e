/// One document of a JSON file, and where its items stand when it is a list.
struct JSONDocument: Hashable {
    /// The bytes of the document in the file.
    var range: Range<Int>

    /// The bytes of the array that is the member `items`, brackets included; nil when there is none.
    var itemsArray: Range<Int>?

    /// The bytes of each element of that array.
    var items: [Range<Int>]
}

/// Cuts a JSON text into its documents and these into their items, without parsing either.
///
/// One item at a time then goes through the parser: a list of a whole cluster never stands in memory as one tree, a
/// mistake in one item spares the others, and each item's line is known. Where the text does not look as expected,
/// nothing is cut and the parser, which sees all of it, reports why.
struct JSONScanner {
    private let bytes: [UInt8]
    private var position = 0

    /// Creates a scanner at the beginning of a text.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
    }

    /// Returns the next document, or nil at the end of the text.
    mutating func next() -> JSONDocument? {
        position = skippingBlanks(position)
        guard position < bytes.count else { return nil }
        let start = position
        guard let end = endOfValue(start) else {
            // Something does not end: all the rest is one document, whose error the parser tells.
            position = bytes.count
            return JSONDocument(range: start..<bytes.count, itemsArray: nil, items: [])
        }
        position = end
        if let (array, items) = itemsArray(inObjectAt: start) {
            return JSONDocument(range: start..<end, itemsArray: array, items: items)
        }
        return JSONDocument(range: start..<end, itemsArray: nil, items: [])
    }

    /// Finds the member `items` of an object; nil when there is none, or when the object is not well formed.
    private func itemsArray(inObjectAt start: Int) -> (Range<Int>, [Range<Int>])? {
        guard bytes[start] == UInt8(ascii: "{") else { return nil }
        var place = skippingBlanks(start + 1)
        while place < bytes.count, bytes[place] == UInt8(ascii: "\"") {
            guard let keyEnd = endOfString(place) else { return nil }
            let colon = skippingBlanks(keyEnd)
            guard colon < bytes.count, bytes[colon] == UInt8(ascii: ":") else { return nil }
            let value = skippingBlanks(colon + 1)
            if bytes[place..<keyEnd].elementsEqual("\"items\"".utf8) {
                guard value < bytes.count, bytes[value] == UInt8(ascii: "[") else { return nil }
                return elements(ofArrayAt: value)
            }
            guard value < bytes.count, let valueEnd = endOfValue(value) else { return nil }
            let comma = skippingBlanks(valueEnd)
            guard comma < bytes.count, bytes[comma] == UInt8(ascii: ",") else { return nil }
            place = skippingBlanks(comma + 1)
        }
        return nil
    }

    private func elements(ofArrayAt start: Int) -> (Range<Int>, [Range<Int>])? {
        var elements: [Range<Int>] = []
        var place = skippingBlanks(start + 1)
        while place < bytes.count {
            guard let end = endOfValue(place) else { return nil }
            elements.append(place..<end)
            let separator = skippingBlanks(end)
            guard separator < bytes.count else { return nil }
            switch bytes[separator] {
            case UInt8(ascii: "]"): return (start..<separator + 1, elements)
            case UInt8(ascii: ","): place = skippingBlanks(separator + 1)
            default: return nil
            }
        }
        return nil
    }

    private func skippingBlanks(_ start: Int) -> Int {
        var place = start
        while place < bytes.count {
            switch bytes[place] {
            case 0x20, 0x09, 0x0a, 0x0d: place += 1
            default: return place
            }
        }
        return place
    }

    /// The end of the value that begins here; nil when it does not end.
    private func endOfValue(_ start: Int) -> Int? {
        var place = start
        var depth = 0
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                place += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                // One that closes nothing is taken as a value, for the parser to refuse.
                depth -= 1
                place += 1
            case UInt8(ascii: "\""):
                guard let end = endOfString(place) else { return nil }
                place = end
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x09, 0x0a, 0x0d: place += 1
            default:
                while place < bytes.count, !Self.delimiters.contains(bytes[place]) { place += 1 }
            }
            if depth <= 0 { return place }
        }
        return nil
    }

    private func endOfString(_ start: Int) -> Int? {
        var place = start + 1
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "\\"): place += 2
            case UInt8(ascii: "\""): return place + 1
            default: place += 1
            }
        }
        return nil
    }

    private static let delimiters = Array("{}[],:\" \t\n\r".utf8)
}
