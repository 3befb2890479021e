import ByteBuffers
internal import CLibFuzzer
import Glibc
import HTTPSemantics
import HTTPWire

// Reads the fuzzer's bytes as a response; the verdict must not depend on how they arrive, and what is forwarded must
// mean the same to the next reader.

/// Writes an accepted response as a gateway does, and reads that.
func checkForwarded(_ bytes: [UInt8], _ parser: borrowing ResponseParser, answering method: HTTPMethod) {
    let head = parser.head
    precondition(head.length <= bytes.count && (100...999).contains(head.status), "an impossible head")
    var buffer = ByteBuffer()
    buffer.appendStatusLine(HTTPStatus(rawValue: head.status), reason: bytes.span[head.reason])
    parser.appendFields(from: bytes.span, except: [], to: &buffer)
    if head.framing == .chunked { buffer.appendField(name: "Transfer-Encoding", value: "chunked") }
    buffer.appendLineEnd()
    var limits = HeadLimits()
    limits.responseHeadBytesMax *= 2
    var reader = ResponseParser(limits: limits)
    let outcome = reader.parse(buffer.bytes, answering: method)
    precondition(outcome == .complete, "what is forwarded is refused: \(outcome)")
    precondition(reader.head.framing == head.framing, "what is forwarded has another framing")
    precondition(reader.head.length == buffer.count, "what is forwarded has another end")
}

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
// The fuzzer owns the bytes for the length of a call; they are copied.
let result = unsafe LLVMFuzzerRunDriver(&count, &arguments) { start, count in
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    let method: HTTPMethod = bytes.count % 4 == 0 ? .head : .get
    var parser = ResponseParser()
    let whole = parser.parse(bytes.span, answering: method)
    if whole == .complete { checkForwarded(bytes, parser, answering: method) }
    for cut in [1, bytes.count / 3, bytes.count / 2, bytes.count - 1] where cut > 0 && cut < bytes.count {
        var outcome = parser.parse(Array(bytes[..<cut]).span, answering: method)
        if outcome == .incomplete { outcome = parser.parse(bytes.span, answering: method, resumingAt: cut) }
        precondition(outcome == whole, "the verdict depends on a cut at \(cut)")
    }
    return 0
}
exit(result)
