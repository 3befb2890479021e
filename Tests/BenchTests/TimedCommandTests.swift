import LabKit
import Testing

/// Programs whose time is taken.
struct TimedCommandTests {
    private struct Unwanted: Error {}

    @Test func `time, output and status are those of the program`() throws {
        let run = try TimedCommand(
            ["sh", "-c", "echo out; echo error >&2; sleep 0.2; exit 3"],
            timeout: .seconds(20),
            check: {}
        )
        #expect(run.status == 3)
        #expect(!run.isSuccess)
        #expect(run.output == "out\nerror\n")
        #expect(run.duration >= .milliseconds(200))
    }

    @Test func `time on processors is counted, and waiting is not`() throws {
        let busy = try TimedCommand(
            ["sh", "-c", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"],
            timeout: .seconds(60),
            watchesMemory: true,
            check: {}
        )
        #expect(busy.processorTime > .milliseconds(10))
        #expect(busy.peakResidentBytes > 100_000)
        let idle = try TimedCommand(["sleep", "0.3"], timeout: .seconds(20), check: {})
        #expect(idle.processorTime < .milliseconds(200))
    }

    @Test func `no more output is kept than is wanted, and the program is not held up`() throws {
        let run = try TimedCommand(
            ["sh", "-c", "head -c 1000000 /dev/zero | tr '\\0' x"],
            timeout: .seconds(20),
            outputBytesMax: 10,
            check: {}
        )
        #expect(run.isSuccess)
        #expect(run.output == "xxxxxxxxxx")
    }

    @Test func `a program that takes too long is ended`() throws {
        let began = ContinuousClock.now
        #expect(throws: LabError.self) {
            try TimedCommand(["sleep", "60"], timeout: .milliseconds(300), check: {})
        }
        #expect(.now - began < .seconds(20))
    }

    @Test func `a program that nobody wants any more is ended`() throws {
        let began = ContinuousClock.now
        #expect(throws: Unwanted.self) {
            try TimedCommand(["sleep", "60"], timeout: .seconds(60)) { throw Unwanted() }
        }
        #expect(.now - began < .seconds(20))
    }

    @Test func `a program that is not there is an error`() {
        #expect(throws: LabError.self) {
            try TimedCommand(["/nowhere/at/all"], timeout: .seconds(20), check: {})
        }
    }
}
