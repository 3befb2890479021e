/// Cuts the body of a list into its items while it arrives.
///
/// A list of a whole cluster never stands in memory, neither as text nor as a tree: each item is handed out as the
/// range of its bytes, and what stands around the items is kept for the end.
///
/// ```
/// {"kind":"ServiceList", … ,"items":[  {…} , {…}  ], … }
///  └──────── around ───────────────┘  item   item └─ around
/// ```
package struct ListScanner: Sendable {
    /// What the bytes so far hold next.
    package enum Found: Hashable, Sendable {
        /// An item, as a range of the bytes.
        case item(Range<Int>)
        /// The end of the list.
        case end
        /// More bytes are needed; so many of these are not needed any more.
        case more(used: Int)
    }

    /// The list without its items: `"items":[]`.
    package private(set) var around: [UInt8] = []

    private var place = Place.start
    private var scanner = JSONValueScanner()
    /// Where to go on in the bytes.
    private var position = 0
    /// Where the value began that is being scanned.
    private var start = 0

    private enum Place {
        case start
        case name
        case colon
        case value
        case comma
        case item
        case itemComma
        case end
    }
    private var isItems = false

    /// Creates a scanner at the beginning of a body.
    package init() {}

    /// Goes on to the next item.
    ///
    /// - Parameter bytes: The bytes of the body from the first on that `more` did not call used.
    /// - Returns: What was found; ranges count from the first of these bytes.
    /// - Throws: Why these bytes are no list.
    package mutating func next(in bytes: Span<UInt8>) throws(JSONError) -> Found {
        while position < bytes.count {
            switch place {
            case .start, .colon, .comma, .name, .itemComma:
                if try step(bytes) { continue }
            case .value:
                // An array of items is opened; any other value is kept.
                if isItems, !scanner.hasBegun {
                    let byte = bytes[position]
                    if Self.isBlank(byte) {
                        position += 1
                        continue
                    }
                    if byte == UInt8(ascii: "[") {
                        around.append(byte)
                        position += 1
                        place = .item
                        start = position
                        continue
                    }
                }
                let begin = position
                let isWhole = scanner.advance(through: bytes, from: &position)
                keep(bytes, begin..<position)
                guard isWhole else { break }
                place = .comma
            case .item:
                if !scanner.hasBegun {
                    let byte = bytes[position]
                    if Self.isBlank(byte) || byte == UInt8(ascii: "]") {
                        position += 1
                        start = position
                        if byte == UInt8(ascii: "]") { closeItems() }
                        continue
                    }
                }
                guard scanner.advance(through: bytes, from: &position) else { break }
                place = .itemComma
                return .item(start..<position)
            case .end: return .end
            }
            if around.count > Self.aroundBytesMax { throw error("the text around the items is too long") }
        }
        if place == .end { return .end }
        if scanner.hasBegun, place == .item, position - start > Self.itemBytesMax { throw error("an item is too long") }
        let used = scanner.hasBegun && place == .item ? start : position
        position -= used
        start = 0
        return .more(used: used)
    }

    /// Takes one byte, or a name, between the values; true says to go on.
    private mutating func step(_ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        if place == .name {
            let begin = position
            let isWhole = scanner.advance(through: bytes, from: &position)
            keep(bytes, begin..<position)
            guard isWhole else { return true }
            isItems = around.suffix(7).elementsEqual("\"items\"".utf8)
            place = .colon
            return true
        }
        let byte = bytes[position]
        if Self.isBlank(byte) {
            position += 1
            return true
        }
        switch (place, byte) {
        case (.start, UInt8(ascii: "{")), (.comma, UInt8(ascii: ",")): place = .name
        case (.colon, UInt8(ascii: ":")): place = .value
        case (.comma, UInt8(ascii: "}")): place = .end
        case (.itemComma, UInt8(ascii: ",")):
            position += 1
            start = position
            place = .item
            return true
        case (.itemComma, UInt8(ascii: "]")):
            position += 1
            closeItems()
            return true
        default: throw error("this is no list of objects")
        }
        around.append(byte)
        position += 1
        return true
    }

    private mutating func closeItems() {
        around.append(UInt8(ascii: "]"))
        place = .comma
    }

    private mutating func keep(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        for index in range { around.append(bytes[index]) }
    }

    private func error(_ message: String) -> JSONError { JSONError(offset: position, message: message) }

    private static func isBlank(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x09, 0x0a, 0x0d: true
        default: false
        }
    }

    /// The longest text around the items; a status or a list's metadata takes a few hundred bytes.
    private static let aroundBytesMax = 256 * 1024

    /// The longest item; etcd takes none beyond 1.5 million bytes by default, and blanks add little.
    package static let itemBytesMax = 8 * 1024 * 1024
}
