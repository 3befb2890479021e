internal import ByteBuffers
internal import LinuxSystem

/// The open file that the access log goes to.
final class AccessLogFile: Sendable {
    /// The path; nil for the standard output.
    let path: String?
    private let descriptor: FileDescriptor

    init(path: String?) throws(Errno) {
        self.path = path
        if let path {
            descriptor = try FileDescriptor.open(forAppending: path)
        } else {
            descriptor = try FileDescriptor.duplicate(of: .output)
        }
    }

    /// The number of the descriptor, to wait for room.
    var number: Int32 { descriptor.number }

    /// Writes bytes from an offset on, as many as the file takes at once, and returns how many those are.
    func write(_ bytes: Span<UInt8>, from offset: Int) throws(Errno) -> Int {
        try descriptor.write(bytes, from: offset)
    }
}
