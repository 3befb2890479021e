import Nftables
import Testing

@testable import NetfilterKernel

/// What was received is read without trust in the lengths that it tells.
struct MessageReaderTests {
    private static func word(_ number: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
    }

    /// A message (struct nlmsghdr), or one that tells another length than it has.
    private static func message(
        type: UInt16,
        flags: UInt16 = 0,
        sequence: UInt32 = 7,
        telling length: UInt32? = nil,
        _ payload: [UInt8] = []
    ) -> [UInt8] {
        let bytes: [UInt8] = [type, flags].flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        return word(length ?? UInt32(16 + payload.count)) + bytes + word(sequence) + word(42) + payload
    }

    /// An attribute (struct nlattr), padded to four bytes, or one that tells another length than it has.
    private static func attribute(_ type: UInt16, telling length: UInt16? = nil, _ value: [UInt8]) -> [UInt8] {
        let length = length ?? UInt16(4 + value.count)
        let header = [length, type].flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        return header + value + [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
    }

    /// The sequence numbers of the messages that are read.
    private func sequences(_ bytes: [UInt8]) -> [UInt32] {
        var sequences: [UInt32] = []
        // The bytes stay in place while they are read.
        unsafe bytes.withUnsafeBytes { unsafe Message.forEach(in: $0) { sequences.append($0.sequence) } }
        return sequences
    }

    private func first<Value>(_ bytes: [UInt8], _ read: (Message) -> Value?) -> Value? {
        var value: Value?
        unsafe bytes.withUnsafeBytes { unsafe Message.forEach(in: $0) { value = value ?? read($0) } }
        return value
    }

    // MARK: - Messages

    @Test func `messages follow one another, each at a multiple of four`() {
        let bytes = Self.message(type: 3, sequence: 1, [1, 2, 3]) + [0] + Self.message(type: 3, sequence: 2)
        #expect(sequences(bytes) == [1, 2])
    }

    @Test(arguments: [
        (what: "nothing", bytes: []),
        (what: "half a header", bytes: Array(message(type: 3).prefix(15))),
        (what: "a length of zero", bytes: message(type: 3, telling: 0)),
        (what: "a length shorter than the header", bytes: message(type: 3, telling: 15)),
        (what: "a length past the end", bytes: message(type: 3, telling: 17)),
        (what: "the greatest length", bytes: message(type: 3, telling: .max)),
    ])
    func `a broken message ends the reading`(_ broken: (what: String, bytes: [UInt8])) {
        #expect(sequences(broken.bytes) == [])
        #expect(sequences(Self.message(type: 3, sequence: 1) + broken.bytes) == [1])
    }

    @Test func `a message of nf_tables without its own header has no attributes`() {
        let short = first(Self.message(type: 10 << 8, [2, 0, 0])) { ($0.family, $0.attributes.count { _ in true }) }
        #expect(short?.0 == 2)
        #expect(short?.1 == 0)
        #expect(first(Self.message(type: 10 << 8)) { $0.family } == 0)
    }

    // MARK: - Attributes

    /// The types and values of the attributes that are read.
    private func attributes(_ bytes: [UInt8]) -> [[UInt8]] {
        unsafe bytes.withUnsafeBytes { buffer in unsafe Attributes(buffer).map { [UInt8($0.type)] + $0.octets } }
    }

    @Test func `attributes follow one another without their padding and flags`() {
        let bytes =
            Self.attribute(1 | 1 << 15, [1]) + Self.attribute(2 | 1 << 14, [2, 3, 4, 5]) + Self.attribute(3, [])
        #expect(attributes(bytes) == [[1, 1], [2, 2, 3, 4, 5], [3]])
    }

    @Test(arguments: [
        (what: "half a header", bytes: [8, 0, 1]),
        (what: "a length of zero", bytes: attribute(9, telling: 0, [1, 2, 3, 4])),
        (what: "a length shorter than the header", bytes: attribute(9, telling: 3, [1, 2, 3, 4])),
        (what: "a length past the end", bytes: attribute(9, telling: 9, [1, 2, 3, 4])),
        (what: "the greatest length", bytes: attribute(9, telling: .max, [1, 2, 3, 4])),
    ])
    func `a broken attribute ends the sequence`(_ broken: (what: String, bytes: [UInt8])) {
        #expect(attributes(broken.bytes) == [])
        #expect(attributes(Self.attribute(1, [7]) + broken.bytes) == [[1, 7]])
    }

    @Test func `a last attribute may lack its padding`() {
        #expect(attributes([5, 0, 1, 0, 42]) == [[1, 42]])
    }

    @Test func `text ends at its NUL, or at the end`() {
        let bytes =
            Self.attribute(1, Array("ab\0cd".utf8)) + Self.attribute(2, Array("abc".utf8)) + Self.attribute(3, [])
        let texts = unsafe bytes.withUnsafeBytes { buffer in unsafe Attributes(buffer).map(\.text) }
        #expect(texts == ["ab", "abc", ""])
    }

    @Test func `a number has four bytes`() {
        let bytes = Self.attribute(1, [0, 0, 1, 2]) + Self.attribute(2, [1, 2]) + Self.attribute(3, [0, 0, 0, 0, 1])
        let numbers = unsafe bytes.withUnsafeBytes { buffer in unsafe Attributes(buffer).map(\.number) }
        #expect(numbers == [258, nil, nil])
    }

    // MARK: - Answers

    private func answer(_ error: Int32, flags: UInt16 = 0, tail: [UInt8] = []) -> ErrorAnswer? {
        let request = Self.message(type: 2560, sequence: 9, telling: 100)
        let payload = Self.word(UInt32(bitPattern: error)) + request + tail
        return first(Self.message(type: 2, flags: flags, payload)) { ErrorAnswer($0) }
    }

    @Test func `an answer tells the request and a positive error`() {
        #expect(answer(-17)?.error == 17)
        #expect(answer(-17)?.sequence == 9)
        #expect(answer(0)?.error == 0)
        #expect(answer(.min)?.error == .min)
    }

    @Test func `an answer tells the offset of the attribute when it has one of four bytes`() {
        let attributesFollow: UInt16 = 0x200
        let offset = Self.attribute(2, Self.word(68))
        #expect(answer(-17, flags: attributesFollow, tail: offset)?.attributeOffset == 68)
        #expect(answer(-17, flags: 0, tail: offset)?.attributeOffset == nil)
        #expect(answer(-17, flags: attributesFollow)?.attributeOffset == nil)
        #expect(answer(-17, flags: attributesFollow, tail: Self.attribute(2, [68]))?.attributeOffset == nil)
    }

    @Test func `an answer that is cut off is none`() {
        #expect(first(Self.message(type: 2, [1, 0, 0, 0])) { ErrorAnswer($0) } == nil)
    }

    @Test func `a listing ends with an error or without`() {
        #expect(first(Self.message(type: 3, Self.word(0))) { $0.listingError } == 0)
        #expect(first(Self.message(type: 3, Self.word(UInt32(bitPattern: -2)))) { $0.listingError } == 2)
        #expect(first(Self.message(type: 3, Self.word(1 << 31))) { $0.listingError } == .min)
        #expect(first(Self.message(type: 3)) { $0.listingError } == 0)
        #expect(first(Self.message(type: 2560, Self.word(2))) { $0.listingError } == nil)
    }

    // MARK: - Listed objects

    @Test func `no bytes make the readers of listings fail`() {
        // Pieces of real attributes of sets and elements, nested and cut at random; the generator always starts alike.
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15
        func random(below bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let set = Fixture.services
        var read = 0
        for _ in 0..<20_000 {
            var bytes: [UInt8] = []
            for _ in 0..<(1 + random(below: 4)) {
                let value = (0..<random(below: 24)).map { _ in UInt8(random(below: 3) == 0 ? random(below: 256) : 0) }
                bytes = Self.attribute(UInt16(1 + random(below: 10)), bytes + value)
                if random(below: 2) == 0 {
                    bytes += Self.attribute(UInt16(1 + random(below: 10)), Array(value.reversed()))
                }
            }
            let cut = Self.message(type: 10 << 8, [2, 0, 0, 0] + bytes.prefix(random(below: bytes.count + 1)))
            unsafe cut.withUnsafeBytes { buffer in
                unsafe Message.forEach(in: buffer) { message in
                    var elements: [Element] = []
                    ListedElements.read(message, of: set, into: &elements)
                    read += ListedSet(message) == nil ? 0 : 1
                    read += ListedChain(message) == nil ? 0 : 1
                }
            }
        }
        #expect(read > 0)
    }
}
