import Synchronization
import Telemetry
import Testing

struct `A logger` {
    /// Keeps what a logger writes.
    private final class Lines: Sendable {
        let written = Mutex<[String]>([])
        var all: [String] { written.withLock { $0 } }
    }

    private func lines(at threshold: LogLevel, _ use: (Logger) -> Void) -> [String] {
        let lines = Lines()
        let logger = Logger(threshold: threshold, format: .text, now: { WallTime(seconds: 0) }) { line in
            lines.written.withLock { $0.append(line) }
        }
        use(logger)
        return lines.all
    }

    @Test(arguments: zip(LogLevel.allCases, [1, 2, 3, 4]))
    func `events below the threshold are left out`(threshold: LogLevel, expected: Int) {
        let written = lines(at: threshold) { log in
            log.error("e")
            log.warning("w")
            log.info("i")
            log.debug("d")
        }
        #expect(written.count == expected)
    }

    @Test func `a line ends in a line break and carries its fields`() {
        let written = lines(at: .info) { log in log.info("ready", ["services": 2, "took": .duration(.seconds(1))]) }
        #expect(written == ["1970-01-01T00:00:00.000Z INFO  ready services=2 took=1s\n"])
    }

    @Test func `the words of an unwanted detail are never made`() {
        var made = 0
        func words() -> String {
            made += 1
            return "detail"
        }
        _ = lines(at: .info) { log in log.debug(words()) }
        #expect(made == 0)
        _ = lines(at: .debug) { log in log.debug(words()) }
        #expect(made == 1)
    }

    @Test(arguments: [(0, LogLevel.info), (2, .info), (3, .info), (4, .debug), (10, .debug)])
    func `a Kubernetes number chooses the threshold`(verbosity: Int, level: LogLevel) {
        #expect(LogLevel(verbosity: verbosity) == level)
    }
}
