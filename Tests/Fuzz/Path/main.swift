import ByteBuffers
internal import CLibFuzzer
import Glibc
import HTTPWire

// Normalises the fuzzer's bytes as a path and as a host; what comes out must be normal.

/// The bytes of a buffer.
func array(_ buffer: borrowing ByteBuffer) -> [UInt8] {
    let bytes = buffer.bytes
    return bytes.indices.map { bytes[$0] }
}

func checkPath(_ bytes: [UInt8]) {
    var normal = ByteBuffer()
    let outcome = NormalisedPath.normalise(bytes.span, into: &normal)
    guard case .changed = outcome else {
        precondition(normal.isEmpty, "something was written")
        return
    }
    let path = array(normal)
    let segments = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    precondition(segments.first?.isEmpty == true && segments.count > 1, "a path that does not begin with a slash")
    for (index, segment) in segments.enumerated().dropFirst() {
        precondition(!segment.elementsEqual([46]) && !segment.elementsEqual([46, 46]), "a dot segment")
        precondition(!segment.isEmpty || index == segments.count - 1, "an empty segment")
    }
    precondition(!path.contains(0), "a NUL")
    var escaped = ByteBuffer()
    NormalisedPath.appendEscaped(path.span, into: &escaped)
    var again = ByteBuffer()
    switch NormalisedPath.normalise(escaped.bytes, into: &again) {
    case .same: precondition(array(escaped) == path, "an escape was overlooked")
    case .changed(let mustForward): precondition(!mustForward && array(again) == path, "the path changed once more")
    case .refused: preconditionFailure("the normal path is refused")
    }
}

func checkHost(_ bytes: [UInt8]) {
    var host = ByteBuffer()
    guard HostText.normalise(bytes.span, into: &host) else {
        precondition(host.isEmpty, "something was written")
        return
    }
    var again = ByteBuffer()
    precondition(HostText.normalise(host.bytes, into: &again), "the normal host is refused")
    precondition(array(again) == array(host), "the host changed once more")
}

var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe CommandLine.unsafeArgv
// The fuzzer owns the bytes for the length of a call; they are copied.
let result = unsafe LLVMFuzzerRunDriver(&count, &arguments) { start, count in
    let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    checkPath(bytes)
    checkHost(bytes)
    _ = cookieValue(named: [UInt8(ascii: "a")].span, in: bytes.span)
    return 0
}
exit(result)
