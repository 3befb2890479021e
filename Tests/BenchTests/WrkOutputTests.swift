import Testing

@testable import fairlead_bench

/// What the bench believes of wrk's output, and what it refuses.
struct `The output of wrk` {
    private static func output(read: String = "61.33MB", complaint: String = "") -> String {
        """
        Running 1s test @ http://127.0.0.1:8001/1k
          1 threads and 32 connections
          Thread Stats   Avg      Stdev     Max   +/- Stdev
            Latency   622.18us    1.02ms  12.40ms   92.11%
            Req/Sec    50.91k     3.11k   56.20k    70.00%
          50702 requests in 1.01s, \(read) read
        \(complaint)Requests/sec:  50201.30
        Transfer/sec:     60.72MB

        """
    }

    @Test func `the number of requests and their rate are read`() throws {
        let run = try WrkRun(parsing: Self.output(), body: .small)
        #expect(run.requests == 50702)
        #expect(run.requestsPerSecond == 50201.3)
    }

    @Test(arguments: [
        ("answers that are too short", output(read: "41.20MB")), ("an unknown unit", output(read: "61.33XB")),
        ("broken connections", output(complaint: "  Socket errors: connect 0, read 3, write 0, timeout 0\n")),
        ("other statuses", output(complaint: "  Non-2xx or 3xx responses: 12\n")), ("nothing", ""),
        ("a complaint alone", "unable to connect to 127.0.0.1:8001 Connection refused\n"),
    ])
    func `a run in which not every answer was right is refused`(name: String, output: String) {
        #expect(throws: HTTPBenchFault.self, "\(name)") { try WrkRun(parsing: output, body: .small) }
    }

    @Test(arguments: [(10, 1), (1000, 1), (10_000, 10)])
    func `the script walks through no more than a thousand hosts`(hosts: Int, step: Int) {
        #expect(WrkRun.script(hosts: hosts).contains("for host = 0, \(hosts - 1), \(step) do"))
    }
}
