internal import ByteBuffers
internal import EventIO
internal import LinuxSystem
internal import TLS

/// One connection of the load driver.
final class LoadLink {
    enum Stage {
        case connecting
        case shaking
        case idle
        case waiting
        case ended
    }

    let stream: Stream
    /// Which of the connections that follow one another it belongs to.
    let lane: Int
    var stage = Stage.connecting
    var session: TLSSession?
    /// When the request that is out was due, in nanoseconds.
    var due: Int64 = 0
    /// The answer as far as it has arrived; the body of a large one is only counted.
    var received = ByteBuffer()
    private var bodyStart = -1
    private(set) var bodyCount = 0
    private var expected = 0
    private(set) var status = 0
    /// Whether the server says that it closes after this answer.
    private(set) var closes = false

    init(_ stream: Stream, lane: Int, session: consuming TLSSession?) {
        self.stream = stream
        self.lane = lane
        self.session = session
    }

    deinit { stream.close() }

    /// Whether the answer is complete.
    var isComplete: Bool { bodyStart >= 0 && bodyCount == expected }

    /// The body of an answer that was kept.
    func body() -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(bodyCount)
        for index in max(0, bodyStart)..<received.count { body.append(received.bytes[index]) }
        return body
    }

    func forgetAnswer() {
        received.removeAll()
        bodyStart = -1
        bodyCount = 0
        expected = 0
    }

    /// Looks at what has arrived since the last time.
    func read() throws {
        if bodyStart < 0 {
            guard let end = Self.headEnd(received.bytes) else { return }
            bodyStart = end
            guard end > 12 else { throw HTTPBenchFault("an answer has no status") }
            status = Self.status(in: received.bytes)
            guard let length = Self.length(in: received.bytes, before: end) else {
                throw HTTPBenchFault("an answer of status \(status) says no length")
            }
            expected = length
        }
        bodyCount = received.count - bodyStart
        if bodyCount > expected { throw HTTPBenchFault("an answer is longer than it says") }
    }

    /// "HTTP/1.1 200": three digits behind the first space.
    private static func status(in bytes: borrowing Span<UInt8>) -> Int {
        Int(bytes[9]) * 100 + Int(bytes[10]) * 10 + Int(bytes[11]) - 48 * 111
    }

    private static func headEnd(_ bytes: borrowing Span<UInt8>) -> Int? {
        var index = 3
        while index < bytes.count {
            if bytes[index] == 10, bytes[index - 2] == 10 { return index + 1 }
            index += 1
        }
        return nil
    }

    /// The number of the field Content-Length.
    private static func length(in bytes: borrowing Span<UInt8>, before end: Int) -> Int? {
        let name: StaticString = "\ncontent-length:"
        var start = 0
        while start + name.utf8CodeUnitCount < end {
            if bytes[start] == 10, matches(name, bytes, at: start) {
                var number = 0
                var index = start + name.utf8CodeUnitCount
                while bytes[index] == 32 { index += 1 }
                while (48...57).contains(bytes[index]) {
                    number = number * 10 + Int(bytes[index]) - 48
                    index += 1
                }
                return number
            }
            start += 1
        }
        return nil
    }

    private static func matches(_ name: StaticString, _ bytes: borrowing Span<UInt8>, at start: Int) -> Bool {
        var index = start
        for letter in name.description.utf8 {
            if bytes[index] | 0x20 != letter | 0x20 { return false }
            index += 1
        }
        return true
    }
}
