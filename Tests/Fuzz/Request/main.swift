import ByteBuffers
internal import CLibFuzzer
import Glibc
import HTTPSemantics
import HTTPWire

// Reads the fuzzer's bytes as a request; the verdict must not depend on how they arrive, and what is forwarded of an
// accepted request must mean the same to the next reader.

/// The verdict on bytes that arrive in two parts.
func verdict(_ bytes: [UInt8], cut: Int) -> HeadOutcome {
    var parser = RequestParser()
    if cut > 0, cut < bytes.count {
        let first = parser.parse(Array(bytes[..<cut]).span)
        if first != .incomplete { return first }
        return parser.parse(bytes.span, resumingAt: cut)
    }
    return parser.parse(bytes.span)
}

/// Writes an accepted request as a gateway does, and reads that.
func checkForwarded(_ bytes: [UInt8], _ parser: borrowing RequestParser) {
    let head = parser.head
    precondition(head.length <= bytes.count && head.framing != .untilClose, "an impossible head")
    for index in 0..<parser.fieldCount {
        let line = parser.field(at: index)
        precondition(line.name.count > 0 && line.name.end <= line.value.start, "a line out of order")
        precondition(Int(line.value.end) < head.length, "a line beyond the head")
    }
    var buffer = ByteBuffer()
    buffer.append(bytes.span[head.methodPiece])
    buffer.append(" ")
    buffer.append(bytes.span[head.target])
    buffer.append(" HTTP/1.1\r\n")
    if head.hasHost {
        buffer.appendField(name: "Host", value: bytes.span[head.authority])
    } else {
        buffer.appendField(name: "Host", value: "a")
    }
    parser.appendFields(from: bytes.span, except: [.host], to: &buffer)
    if head.framing == .chunked { buffer.appendField(name: "Transfer-Encoding", value: "chunked") }
    buffer.appendLineEnd()
    var limits = HeadLimits()
    limits.requestHeadBytesMax *= 2
    var reader = RequestParser(limits: limits, strictHost: true)
    let outcome = reader.parse(buffer.bytes)
    precondition(outcome == .complete, "what is forwarded is refused: \(outcome)")
    precondition(reader.head.framing == head.framing, "what is forwarded has another framing")
    precondition(reader.head.length == buffer.count, "what is forwarded has another end")
    precondition(reader.head.host.count == head.host.count || !head.hasHost, "what is forwarded has another host")
}

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
// The fuzzer owns the bytes for the length of a call; they are copied.
let result = unsafe LLVMFuzzerRunDriver(&count, &arguments) { start, count in
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    var parser = RequestParser()
    let whole = parser.parse(bytes.span)
    if whole == .complete { checkForwarded(bytes, parser) }
    for cut in [1, bytes.count / 3, bytes.count / 2, bytes.count - 1] {
        precondition(verdict(bytes, cut: cut) == whole, "the verdict depends on a cut at \(cut)")
    }
    return 0
}
exit(result)
