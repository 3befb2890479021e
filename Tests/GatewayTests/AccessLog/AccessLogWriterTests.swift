import ByteBuffers
import Gateway
import Glibc
import LinuxSystem
import Synchronization
import Telemetry
import Testing

/// A folder of its own for a log, and what the logger was told.
final class LogBench: Sendable {
    let folder: String
    private let told = Mutex<[String]>([])

    init() throws {
        folder = "/tmp/fairlead-log-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        try makeDirectory(at: folder)
    }

    deinit {
        for name in (try? directoryEntries(at: folder)) ?? [] { _ = unsafe unlink("\(folder)/\(name)") }
        _ = unsafe rmdir(folder)
    }

    func path(_ name: String) -> String { "\(folder)/\(name)" }

    var messages: [String] { told.withLock(\.self) }

    var logger: Logger {
        Logger(threshold: .info, format: .text, now: { WallTime(seconds: 0) }) { [self] line in
            // Time and level stand before the message.
            told.withLock { $0.append(String(line.dropFirst(31).dropLast())) }
        }
    }

    func text(_ name: String) -> String { (try? readFile(at: path(name))) ?? "" }
}

/// Waits until something is so, and returns whether it came to be; a minute is longer than any machine needs.
func eventually(_ condition: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while !condition() {
        if ContinuousClock.now > deadline { return false }
        usleep(1000)
    }
    return true
}

private func handOver(_ text: String, to writer: AccessLogWriter) {
    var buffer = ByteBuffer()
    buffer.append(text: text)
    writer.handOver(&buffer)
}

@Suite(.serialized)
struct `The access log's writer` {
    @Test func `writes what it is given, in order, behind what is there`() throws {
        let bench = try LogBench()
        try writeFile("before\n", at: bench.path("log"))
        let writer = try AccessLogWriter(path: bench.path("log"), log: bench.logger)
        for number in 1...200 { handOver("line \(number)\n", to: writer) }
        writer.close()
        #expect(bench.text("log") == "before\n" + (1...200).map { "line \($0)\n" }.joined())
        #expect(writer.numbers.bytesWritten == UInt64(bench.text("log").utf8.count - 7))
        #expect(writer.numbers.linesDropped == 0)
        #expect(bench.messages == [])
    }

    @Test func `a buffer comes back empty, with its storage`() throws {
        let bench = try LogBench()
        let writer = try AccessLogWriter(path: bench.path("log"), log: bench.logger)
        var buffer = ByteBuffer(capacity: 70_000)
        buffer.append(text: "one\n")
        writer.handOver(&buffer)
        let (isEmpty, capacity) = (buffer.isEmpty, buffer.capacity)
        #expect(isEmpty)
        #expect(capacity == 70_000)
        writer.handOver(&buffer)
        writer.close()
        #expect(bench.text("log") == "one\n")
    }

    @Test func `many workers' lines stay whole`() async throws {
        let bench = try LogBench()
        let writer = try AccessLogWriter(path: bench.path("log"), log: bench.logger)
        await withTaskGroup { group in
            for worker in 0..<4 {
                group.addTask { for number in 0..<500 { handOver("\(worker) \(number)\n", to: writer) } }
            }
        }
        writer.close()
        let lines = bench.text("log").split(separator: "\n")
        let expected = (0..<4).flatMap { worker in (0..<500).map { "\(worker) \($0)" } }
        #expect(lines.count == 2000)
        #expect(Set(lines.map(String.init)) == Set(expected))
    }

    @Test func `a file that was moved away is left for a new one`() throws {
        let bench = try LogBench()
        let writer = try AccessLogWriter(path: bench.path("log"), log: bench.logger)
        handOver("first\n", to: writer)
        #expect(eventually { bench.text("log") == "first\n" })
        unsafe rename(bench.path("log"), bench.path("old"))
        handOver("second\n", to: writer)
        #expect(eventually { bench.text("old") == "first\nsecond\n" })
        writer.reopen()
        #expect(eventually { bench.messages == ["access log reopened file=\(bench.path("log"))"] })
        handOver("third\n", to: writer)
        writer.close()
        #expect(bench.text("old") == "first\nsecond\n")
        #expect(bench.text("log") == "third\n")
    }

    @Test func `the old file stays in use when there can be no new one`() throws {
        let bench = try LogBench()
        try makeDirectory(at: bench.path("inner"))
        let writer = try AccessLogWriter(path: bench.path("inner/log"), log: bench.logger)
        unsafe rename(bench.path("inner/log"), bench.path("old"))
        unsafe rmdir(bench.path("inner"))
        writer.reopen()
        #expect(eventually { bench.messages.count == 1 })
        handOver("still here\n", to: writer)
        writer.close()
        #expect(bench.text("old") == "still here\n")
        #expect(bench.messages.first?.hasPrefix("access log cannot be reopened, the old file stays in use") == true)
        #expect(bench.messages.first?.contains("No such file or directory") == true)
    }

    @Test func `a file that cannot be opened is refused`() throws {
        let bench = try LogBench()
        #expect(throws: Errno.noSuchFile) { try AccessLogWriter(path: bench.path("none/log"), log: bench.logger) }
    }

    @Test func `a full disk is reported once, and its lines are counted`() throws {
        let bench = try LogBench()
        let writer = try AccessLogWriter(path: "/dev/full", log: bench.logger)
        for round in 1...5 {
            handOver("a\nb\n", to: writer)
            #expect(eventually { writer.numbers.linesLost == UInt64(2 * round) })
        }
        writer.close()
        #expect(writer.numbers.failedWrites == 5)
        #expect(writer.numbers.bytesWritten == 0)
        #expect(bench.messages == ["access log cannot be written file=/dev/full reason=\"No space left on device\""])
    }

    @Test func `a reader that is slow costs lines, not time, and is told of when it catches up`() throws {
        let bench = try LogBench()
        try #require(unsafe mkfifo(bench.path("pipe"), 0o600) == 0)
        let reader = try FileDescriptor.open(forReading: bench.path("pipe"))
        let writer = try AccessLogWriter(path: bench.path("pipe"), queueBytesMax: 200_000, log: bench.logger)
        let line = String(repeating: "x", count: 99) + "\n"
        // The pipe holds 64 KiB, the queue 200 kB and the thread as much at most: the rest has no room.
        for _ in 0..<1000 { handOver(String(repeating: line, count: 10), to: writer) }
        let dropped = writer.numbers.linesDropped
        #expect(dropped >= 5000)
        var lines = 0
        #expect(
            eventually {
                while let bytes = try? reader.read(upTo: 65_536), !bytes.isEmpty {
                    lines += bytes.count(where: { $0 == UInt8(ascii: "\n") })
                }
                return lines == 10_000 - Int(dropped)
            }
        )
        writer.close()
        let start = "access log lines dropped: it was written too slowly lines="
        #expect(bench.messages.allSatisfy { $0.hasPrefix(start) })
        // One message for each time that the thread came back to a full queue.
        #expect((1...2).contains(bench.messages.count))
        #expect(bench.messages.compactMap { UInt64($0.dropFirst(start.count)) }.reduce(0, +) == dropped)
    }

    @Test func `a reader that goes away and another that comes are told of, and a broken line is ended`() throws {
        let bench = try LogBench()
        try #require(unsafe mkfifo(bench.path("pipe"), 0o600) == 0)
        var reader: FileDescriptor? = try FileDescriptor.open(forReading: bench.path("pipe"))
        let writer = try AccessLogWriter(path: bench.path("pipe"), log: bench.logger)
        // More than the pipe holds, so that the write stops in the middle of a line.
        let long = String(repeating: "y", count: 100_000) + "\n"
        handOver(long, to: writer)
        #expect(eventually { (try? reader?.read(upTo: 10))??.count == 10 })
        reader = nil
        #expect(eventually { !bench.messages.isEmpty })
        #expect(writer.numbers.linesLost == 1)
        #expect(bench.messages == ["access log cannot be written file=\(bench.path("pipe")) reason=\"Broken pipe\""])

        let second = try FileDescriptor.open(forReading: bench.path("pipe"))
        handOver("whole\n", to: writer)
        var text = ""
        #expect(
            eventually {
                if let bytes = try? second.read(upTo: 65_536) { text += String(decoding: bytes, as: UTF8.self) }
                return text.hasSuffix("whole\n")
            }
        )
        writer.close()
        // What the pipe held is still there.
        #expect(text.drop { $0 == "y" } == "\nwhole\n")
        #expect(bench.messages.last == "access log is written again linesLost=1")
        #expect(bench.messages.count == 2)
    }

    @Test func `the end does not wait for a pipe that nobody empties`() throws {
        let bench = try LogBench()
        try #require(unsafe mkfifo(bench.path("pipe"), 0o600) == 0)
        let reader = try FileDescriptor.open(forReading: bench.path("pipe"))
        let writer = try AccessLogWriter(path: bench.path("pipe"), log: bench.logger)
        handOver(String(repeating: "z\n", count: 100_000), to: writer)
        writer.close()
        #expect(writer.numbers.failedWrites == 1)
        handOver("late\n", to: writer)
        #expect(writer.numbers.linesDropped == 1)
        #expect(reader.number >= 0)
    }
}
