internal import LabKit

/// What wrk says of one run.
struct WrkRun {
    let requests: Int
    let requestsPerSecond: Double

    /// Reads what wrk printed, and refuses a run in which not every answer was right.
    ///
    /// - Parameters:
    ///   - output: What wrk printed.
    ///   - body: What every answer had to hold.
    /// - Throws: What went wrong.
    init(parsing output: String, body: BackendBody) throws {
        let lines = output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        guard let summary = lines.first(where: { $0.count > 5 && $0[1] == "requests" && $0[2] == "in" }),
            let requests = Int(summary[0]), let read = Self.bytes(summary[4]),
            let rate = lines.first(where: { $0.first == "Requests/sec:" }).flatMap({ Double($0[1]) })
        else { throw HTTPBenchFault("wrk printed no summary: \(output)") }
        if let complaint = lines.first(where: { $0.first == "Socket" || $0.first == "Non-2xx" }) {
            throw HTTPBenchFault("wrk saw failures: \(complaint.joined(separator: " "))")
        }
        // wrk rounds what it read to two digits behind the point.
        guard requests > 0, read >= Double(requests * body.byteCount) * 0.98 else {
            throw HTTPBenchFault("wrk read only \(summary[4]) in \(requests) answers of \(body.byteCount) bytes each")
        }
        self.requests = requests
        requestsPerSecond = rate
    }

    private static func bytes(_ text: String) -> Double? {
        let units = [("KB", 1024.0), ("MB", 1_048_576), ("GB", 1_073_741_824), ("B", 1)]
        for (unit, factor) in units where text.hasSuffix(unit) {
            // wrk separates number and unit by nothing.
            return Double(text.dropLast(unit.count).trimmingPrefix(" ")).map { $0 * factor }
        }
        return nil
    }

    /// Returns the command of a run.
    ///
    /// - Parameters:
    ///   - url: What is asked for.
    ///   - connections: Over how many connections.
    ///   - seconds: How long.
    ///   - script: A script that walks through hosts; without one, all requests are for the first host.
    /// - Returns: The words of the command.
    static func command(url: String, connections: Int, seconds: Int, script: String?) -> [String] {
        ["wrk", "-t1", "-c\(connections)", "-d\(seconds)s", "--timeout", "10s"]
            + (script.map { ["-s", $0] } ?? ["-H", "Host: \(HTTPSubject.host(0))"]) + [url]
    }

    /// A script that asks for up to a thousand hosts of a table in turn.
    static func script(hosts: Int) -> String {
        let step = max(1, hosts / 1000)
        return """
            local requests, turn = {}, 0
            function init(arguments)
                for host = 0, \(hosts - 1), \(step) do
                    requests[#requests + 1] = wrk.format("GET", nil, {["Host"] = "host-" .. host .. ".bench.example"})
                end
            end
            function request()
                turn = turn % #requests + 1
                return requests[turn]
            end

            """
    }
}
