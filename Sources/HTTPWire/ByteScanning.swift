internal import ByteBuffers

private let ones: UInt64 = 0x0101_0101_0101_0101
private let tops: UInt64 = 0x8080_8080_8080_8080
private let sevens: UInt64 = 0x7f7f_7f7f_7f7f_7f7f

/// Marks the bytes that are neither letters nor digits nor hyphens; every mark is exact.
@inline(__always)
func marksOutsideNames(in word: UInt64) -> UInt64 {
    let plain = word & sevens
    let folded = (word | ones &* 0x20) & sevens
    let letters =
        (folded &+ ones &* (0x80 - UInt64(UInt8(ascii: "a")))) & ~(folded &+ ones &* (0x7f - UInt64(UInt8(ascii: "z"))))
    let digits =
        (plain &+ ones &* (0x80 - UInt64(UInt8(ascii: "0")))) & ~(plain &+ ones &* (0x7f - UInt64(UInt8(ascii: "9"))))
    let hyphens = ~((plain ^ ones &* UInt64(UInt8(ascii: "-"))) &+ sevens)
    return ~((letters | digits | hyphens) & ~word) & tops
}

extension UInt8 {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0a
    static let carriageReturn: UInt8 = 0x0d
    static let space: UInt8 = 0x20

    /// Whether this is a space or a tab.
    @inline(__always)
    var isBlank: Bool { self == .space || self == .tab }

    /// Whether names of methods and fields may hold the byte (RFC 9110 §5.6.2).
    var isToken: Bool {
        // One bit for each of the ASCII characters.
        let low: UInt64 = 0x03ff_6cfa_0000_0000
        let high: UInt64 = 0x57ff_ffff_c7ff_fffe
        return self < 64 ? low >> UInt64(self) & 1 != 0 : self < 128 && high >> UInt64(self & 63) & 1 != 0
    }

    /// Whether this is a letter, a digit or a hyphen.
    @inline(__always)
    var isPlainName: Bool { isLetter || isDigit || self == UInt8(ascii: "-") }

    @inline(__always)
    var isLetter: Bool { (self | 0x20) &- UInt8(ascii: "a") < 26 }

    @inline(__always)
    var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }

    /// The value of a hexadecimal digit.
    @inline(__always)
    var hexValue: UInt8? {
        if isDigit { return self - UInt8(ascii: "0") }
        let letter = (self | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter + 10 : nil
    }

    /// The byte with a capital letter made small.
    @inline(__always)
    var lowered: UInt8 { self &- UInt8(ascii: "A") < 26 ? self | 0x20 : self }

    /// Whether this is a control character, DEL among them.
    @inline(__always)
    var isControl: Bool { self < 0x20 || self == 0x7f }
}

extension Span<UInt8> {
    /// The offset of the first LF from an offset on, or the count.
    func firstLineFeed(from offset: Int) -> Int {
        var position = offset
        while position + 8 <= count {
            let found = word(at: position).marks(of: .lineFeed)
            if found != 0 { return position + found.markedByte }
            position += 8
        }
        while position < count, self[position] != .lineFeed { position += 1 }
        return position
    }

    /// The offset of the first byte that is neither letter nor digit nor hyphen, or the count.
    @inline(__always)
    func firstOutsideNames(from offset: Int) -> Int {
        var position = offset
        while position + 8 <= count {
            let found = marksOutsideNames(in: word(at: position))
            if found != 0 { return position + found.markedByte }
            position += 8
        }
        while position < count, self[position].isPlainName { position += 1 }
        return position
    }

    /// The offset of the first control character other than a tab, or the count.
    @inline(__always)
    func firstControl(from offset: Int) -> Int {
        var position = offset
        while position + 8 <= count {
            let word = self.word(at: position)
            let found = word.marks(below: 0x20) | word.marks(of: 0x7f)
            if found == 0 {
                position += 8
                continue
            }
            position += found.markedByte
            if self[position] != .tab { return position }
            position += 1
        }
        while position < count, !self[position].isControl || self[position] == .tab { position += 1 }
        return position
    }

    /// Whether two pieces are the same but for the case of letters.
    func equalsFolded(_ piece: Piece, _ other: Piece) -> Bool {
        guard piece.count == other.count else { return false }
        var (left, right) = (Int(piece.start), Int(other.start))
        for _ in 0..<Int(piece.count) {
            if self[left].lowered != self[right].lowered { return false }
            left += 1
            right += 1
        }
        return true
    }

    /// Whether the bytes of a piece are these, which are in lower case, but for the case of letters.
    @inline(__always)
    func equalsFolded(_ piece: Piece, _ text: String) -> Bool {
        guard Int(piece.count) == text.utf8.count else { return false }
        var position = Int(piece.start)
        for byte in text.utf8 {
            if self[position].lowered != byte { return false }
            position += 1
        }
        return true
    }
}
