import ByteBuffers
import Testing

struct `A byte buffer` {
    private func text(_ buffer: borrowing ByteBuffer) -> String {
        let bytes = buffer.bytes
        return String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }

    @Test func `holds what was appended, in order, whatever its first capacity`() {
        var buffer = ByteBuffer(capacity: 0)
        var expected = ""
        for number in 0..<200 {
            buffer.append("n=")
            buffer.append(decimal: Int64(number))
            buffer.append(UInt8(ascii: ";"))
            buffer.append(Array("x".utf8))
            expected += "n=\(number);x"
        }
        #expect(text(buffer) == expected)
        let count = buffer.count
        #expect(count == expected.utf8.count)
    }

    @Test(arguments: [
        0, 1, 9, 10, 99, 100, 12345, -1, -10, 9_999_999_999_999_999, 1_000_000_000_000_000_000, Int64.max, Int64.min,
    ])
    func `writes numbers as people do`(number: Int64) {
        var buffer = ByteBuffer()
        buffer.append(decimal: number)
        #expect(text(buffer) == String(number))
    }

    @Test(arguments: [0, 1, 15, 16, 255, 256, 0xabcdef, UInt64.max])
    func `writes chunk sizes in hexadecimal digits`(number: UInt64) {
        var buffer = ByteBuffer()
        buffer.append(hexadecimal: number)
        #expect(text(buffer) == String(number, radix: 16))
    }

    @Test func `writes every number in decimal digits as a string has it`() {
        var numbers = (0...1200).map(Int64.init)
        var limit: Int64 = 1
        for _ in 0..<18 {
            limit *= 10
            numbers += [limit - 1, limit, limit + 1, -limit, 1 - limit]
        }
        var buffer = ByteBuffer(capacity: 0)
        for number in numbers {
            buffer.removeAll()
            buffer.append(decimal: number)
            #expect(text(buffer) == String(number))
        }
    }

    @Test func `writes the bytes of a number, the most significant first`() {
        var buffer = ByteBuffer(capacity: 0)
        for _ in 0..<5 { buffer.append(bigEndian: 0x6162_6364_6566_6768) }
        #expect(text(buffer) == String(repeating: "abcdefgh", count: 5))
    }

    @Test func `appends a part of itself again, also when it must move for it`() {
        var buffer = ByteBuffer(capacity: 0)
        buffer.append("0123456789")
        buffer.removeFirst(2)
        for _ in 0..<6 { buffer.append(repeating: 1, count: buffer.count - 1) }
        let copied = text(buffer)
        var expected = "23456789"
        for _ in 0..<6 { expected += expected.dropFirst() }
        #expect(copied == expected)
    }

    @Test func `gives up bytes at the front and takes more behind`() {
        var buffer = ByteBuffer(capacity: 16)
        var expected: [UInt8] = []
        var next: UInt8 = 0
        for round in 0..<300 {
            for _ in 0..<(round % 13) {
                buffer.append(next)
                expected.append(next)
                next &+= 1
            }
            let taken = min(expected.count, round % 7)
            buffer.removeFirst(taken)
            expected.removeFirst(taken)
            let bytes = buffer.bytes
            #expect(bytes.indices.map { bytes[$0] } == expected)
        }
    }

    @Test func `a head goes in front of a body when there is headroom`() {
        var buffer = ByteBuffer(capacity: 8)
        buffer.removeAll(headroom: 6)
        buffer.append("body")
        let hasRoom = buffer.prepend(Array("head: ".utf8).span)
        #expect(hasRoom)
        #expect(text(buffer) == "head: body")
        let hasMoreRoom = buffer.prepend(Array("x".utf8).span)
        #expect(!hasMoreRoom)
        #expect(text(buffer) == "head: body")
    }

    @Test func `truncating and shrinking keep the front`() {
        var buffer = ByteBuffer(capacity: 4096)
        buffer.append("0123456789")
        buffer.removeFirst(2)
        buffer.truncate(to: 5)
        buffer.shrink(to: 0)
        #expect(text(buffer) == "23456")
        let capacity = buffer.capacity
        #expect(capacity == 16)
    }
}
