import ByteBuffers
internal import CLibFuzzer
import Glibc
import HTTPSemantics
import HTTPWire

// Reads the fuzzer's bytes as chunked content with trailers; data and verdict must not depend on how they arrive.

/// What content comes to that arrives in parts of a length.
func read(_ bytes: [UInt8], part: Int) -> (data: [UInt8], end: ChunkStep) {
    var decoder = ChunkedDecoder()
    var data: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: part) {
        let piece = Array(bytes[start..<min(start + part, bytes.count)])
        var offset = 0
        reading: while true {
            let step = decoder.next(piece.span, from: offset)
            precondition(decoder.position >= offset && decoder.position <= piece.count, "a position out of order")
            offset = decoder.position
            switch step {
            case .data(let found):
                precondition(found.count > 0, "data of no bytes")
                data += piece[found.range]
            case .needMore:
                precondition(offset == piece.count, "bytes were left")
                break reading
            case .trailers(let at): return (data, .trailers(at: start + at))
            case .refused: return (data, step)
            }
        }
    }
    return (data, .needMore)
}

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
// The fuzzer owns the bytes for the length of a call; they are copied.
let result = unsafe LLVMFuzzerRunDriver(&count, &arguments) { start, count in
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let whole = read(bytes, part: max(bytes.count, 1))
    for part in [1, 3, 16] {
        precondition(read(bytes, part: part) == whole, "the content depends on parts of \(part)")
    }
    if case .trailers(let offset) = whole.end {
        var parser = TrailerParser()
        let outcome = parser.parse(bytes.span, from: offset)
        if outcome == .complete {
            precondition(parser.end > offset && parser.end <= bytes.count, "trailers that end nowhere")
            var buffer = ByteBuffer()
            parser.appendFields(from: bytes.span, to: &buffer)
            buffer.appendLineEnd()
            var reader = TrailerParser()
            precondition(reader.parse(buffer.bytes) == .complete, "what is forwarded is refused")
        }
    }
    return 0
}
exit(result)
