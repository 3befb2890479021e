internal import ByteBuffers

extension ByteBuffer {
    /// Appends sixteen hexadecimal digits.
    mutating func append(hexadecimal16 number: UInt64) {
        append(bigEndian: Self.digits(of: UInt32(truncatingIfNeeded: number >> 32)))
        append(bigEndian: Self.digits(of: UInt32(truncatingIfNeeded: number)))
    }

    /// The eight hexadecimal digits of a number, a byte each.
    private static func digits(of number: UInt32) -> UInt64 {
        // A byte for every four bits: halves move apart three times.
        var spread = UInt64(number)
        spread = (spread | spread << 16) & 0x0000_ffff_0000_ffff
        spread = (spread | spread << 8) & 0x00ff_00ff_00ff_00ff
        spread = (spread | spread << 4) & 0x0f0f_0f0f_0f0f_0f0f
        // A byte is one where its four bits are more than nine: those get the distance from "9" to "a" as well.
        let letters = (spread + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return spread + 0x3030_3030_3030_3030 + letters * 0x27
    }
}
