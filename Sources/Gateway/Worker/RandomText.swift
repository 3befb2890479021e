internal import ByteBuffers

extension ByteBuffer {
    /// Appends sixteen hexadecimal digits.
    mutating func append(hexadecimal16 number: UInt64) {
        reserve(16)
        var shift: UInt64 = 64
        while shift > 0 {
            shift -= 4
            let digit = UInt8(number >> shift & 15)
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit)
        }
    }
}
