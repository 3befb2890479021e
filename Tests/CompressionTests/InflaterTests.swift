import ByteBuffers
import Testing

@testable import Compression

struct `Compressed bytes` {
    private static let text = Array(String(repeating: "a list of Services, and another one; ", count: 5000).utf8)

    private func inflated(_ bytes: [UInt8], pieces: Int) throws -> [UInt8] {
        let inflater = try Inflater()
        var output = ByteBuffer()
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            try inflater.inflate(Array(bytes[start..<min(start + pieces, bytes.count)]).span, into: &output)
        }
        #expect(inflater.hasEnded)
        return (0..<output.count).map { output.bytes[$0] }
    }

    @Test(arguments: [1, 2, 3, 100, 1_000_000])
    func `come out as they went in, however they are cut`(_ pieces: Int) throws {
        let compressed = try #require(gzip(Self.text))
        #expect(compressed.count < Self.text.count / 20)
        #expect(try inflated(compressed, pieces: pieces) == Self.text)
    }

    @Test func `may be none`() throws {
        #expect(try inflated(try #require(gzip([])), pieces: 7) == [])
    }

    @Test func `are not believed when they are damaged`() throws {
        var compressed = try #require(gzip(Self.text))
        compressed[compressed.count - 6] ^= 1
        #expect(throws: InflationFault.damaged) { try inflated(compressed, pieces: 64) }
        #expect(throws: InflationFault.damaged) { try inflated(Array("no gzip".utf8), pieces: 64) }
    }

    @Test func `have no end when they are cut off`() throws {
        let compressed = try #require(gzip(Self.text))
        let inflater = try Inflater()
        var output = ByteBuffer()
        try inflater.inflate(Array(compressed.dropLast()).span, into: &output)
        #expect(!inflater.hasEnded)
    }
}
