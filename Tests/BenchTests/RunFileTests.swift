import Testing

@testable import fairlead_bench

/// What is read of raw results, and what is said of those that are not as they should be.
struct `A file of raw results` {
    static let result =
        #"{"case": "cold", "subject": "fairlead", "services": 1000, "endpoints": 4, "family": "IPv4", "unit": "us", "#
        + #""p50": 20.5, "p99": 30, "min": 10.0, "max": 40.0, "count": 3}"#

    static func file(
        _ results: String = result,
        machine: String = #"{"kernel": "6.18", "processors": 2}"#,
        more: String = ""
    ) -> String {
        #"{"machine": \#(machine), "command": "fairlead-bench sync", \#(more)"results": [\#(results)]}"#
    }

    @Test func `results, machine, command and versions are read`() throws {
        let more = #""started": "2026-11-21T10:00:00.000Z", "versions": {"nginx": "1.22 \"x\""}, "#
        let run = try RunFile(Self.file(more: more), name: "a.json")
        #expect(run.bench == "sync")
        #expect(run.command == "fairlead-bench sync")
        #expect(run.started == "2026-11-21T10:00:00.000Z")
        #expect(run.machine.map { "\($0.name)=\($0.value)" } == ["kernel=6.18", "processors=2"])
        #expect(run.versions.map { "\($0.name)=\($0.value)" } == [#"nginx=1.22 "x""#])
        let result = try #require(run.results.first)
        #expect(result.services == 1000 && result.endpoints == 4 && result.family == "IPv4")
        #expect([result.least, result.median, result.high, result.most] == [10, 20.5, 30, 40])
        #expect(run.warnings == [])
    }

    @Test func `what a bench writes is read back`() throws {
        let record = RunRecord(bench: "http")
        var result = HTTPResult(name: "1024-c1", subject: .nginx, unit: .requestsPerCPUSecond, samples: [3, 1, 2])
        result.waited = 0.5
        record.results = [result.json]
        record.versions = [("nginx", "nginx/1.22 <\"beta\">")]
        let run = try RunFile(record.json, name: "http.json")
        #expect(run.bench == "http")
        #expect(run.results.first?.median == 2)
        #expect(run.versions.first?.value == "nginx/1.22 <\"beta\">")
        // It waited half of its time, whether the run said so or not.
        #expect(run.warnings == ["nginx waited 50.0 % of its time for a processor in 1024-c1"])
    }

    @Test func `warnings and omissions are read`() throws {
        let more =
            #""warnings": ["load 7"], "leftOut": [{"subject": "nft", "services": 30000, "reason": "too slow"}, "#
            + #"{"subject": "caddy", "services": null, "reason": "not there"}], "#
        let run = try RunFile(Self.file(more: more), name: "a.json")
        #expect(run.warnings == ["load 7"])
        #expect(run.leftOut.map(\.subject) == ["nft at 30000 Services", "caddy"])
        #expect(run.leftOut.map(\.reason) == ["too slow", "not there"])
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let text: String
        let message: String
        var testDescription: String { name }
    }

    static func replacing(_ old: String, _ new: String) -> String {
        file(result + ", " + result.replacing(old, with: new))
    }

    static let bad = [
        Case(name: "no JSON", text: "{\"results\": [", message: "a.json: line"),
        Case(name: "nothing", text: "", message: "a.json: it holds no document"),
        Case(name: "a list", text: "[]", message: "a.json: expected the object that a bench writes with --json"),
        Case(name: "no results", text: #"{"command": "x"}"#, message: "a.json: results: it is missing"),
        Case(name: "results of none", text: file(""), message: "a.json: results: it holds no result"),
        Case(name: "results as text", text: #"{"results": "x"}"#, message: "a.json: results: expected a list, found"),
        Case(name: "a result as text", text: file(#""x""#), message: "a.json: results[0]: expected an object, found"),
        Case(name: "no machine", text: file().replacing("machine", with: "engine"), message: "a.json: machine: it is"),
        Case(name: "machine as list", text: file(machine: "[]"), message: "a.json: machine: expected an object"),
        Case(
            name: "a list in the machine",
            text: file(machine: #"{"kernel": []}"#),
            message: "a.json: machine.kernel: expected a text or a number, found a list"
        ),
        Case(name: "no median", text: replacing("p50", "p51"), message: "a.json: results[1].p50: it is missing"),
        Case(
            name: "a median as text",
            text: replacing("20.5", #""fast""#),
            message: #"a.json: results[1].p50: expected a number, found the text "fast""#
        ),
        Case(
            name: "a median above the most",
            text: replacing("20.5", "99"),
            message: "a.json: results[1].p50: expected a number between min and max, found 99.0"
        ),
        Case(name: "half a Service", text: replacing("1000", "0.5"), message: "a.json: results[1].services: expected"),
        Case(name: "fewer than none", text: replacing("1000", "-1"), message: "a.json: results[1].services: expected"),
        Case(name: "a case as number", text: replacing(#""cold""#, "7"), message: "a.json: results[1].case: expected"),
        Case(name: "one key twice", text: replacing(#""p99""#, #""p50""#), message: "a.json: line"),
    ]

    @Test(arguments: bad) func `what is wrong is named by file and field`(_ row: Case) {
        let fault = #expect(throws: ReportFault.self) { try RunFile(row.text, name: "a.json") }
        #expect(fault?.description.hasPrefix(row.message) == true, "\(fault?.description ?? "no fault")")
    }

    @Test func `a file that is not there is named`() {
        let fault = #expect(throws: ReportFault.self) { try RunFile(path: "/nowhere/a.json") }
        #expect(fault?.description.hasPrefix("/nowhere/a.json cannot be read: ") == true)
    }
}
