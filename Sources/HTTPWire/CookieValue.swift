/// Finds a cookie in the value of a Cookie field (RFC 6265 §4.2.1).
///
/// - Parameters:
///   - name: The cookie's name, letters' case and all.
///   - value: The value of the field.
/// - Returns: The place of the first such cookie's value, counted in `value`, quotation marks and all; nil without one.
package func cookieValue(named name: Span<UInt8>, in value: Span<UInt8>) -> Piece? {
    var position = 0
    while position < value.count {
        while position < value.count, value[position].isBlank { position += 1 }
        let start = position
        var equals: Int?
        while position < value.count, value[position] != UInt8(ascii: ";") {
            if equals == nil, value[position] == UInt8(ascii: "=") { equals = position }
            position += 1
        }
        if let equals, equals - start == name.count, isEqual(name, value, at: start) {
            var end = position
            while end > equals + 1, value[end - 1].isBlank { end -= 1 }
            return Piece((equals + 1)..<end)
        }
        position += 1
    }
    return nil
}

private func isEqual(_ name: Span<UInt8>, _ bytes: Span<UInt8>, at offset: Int) -> Bool {
    for index in name.indices where name[index] != bytes[offset + index] { return false }
    return true
}
