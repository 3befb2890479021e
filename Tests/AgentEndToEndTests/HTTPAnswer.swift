import LabKit

/// What an HTTP server answered.
struct HTTPAnswer: Equatable {
    /// The status code.
    let status: Int
    /// The fields of the head by their names, which are in lower case.
    let fields: [String: String]
    /// What follows the head.
    let body: String

    /// Reads what `curl -i` prints; nil for anything else.
    init?(parsing text: String) {
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        self.status = status
        body = String(text[end.upperBound...])
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstRange(of: ": ") else { return nil }
            fields[line[..<colon.lowerBound].lowercased()] = String(line[colon.upperBound...])
        }
        self.fields = fields
    }
}

extension AgentLab {
    /// Asks for a page by `curl`; nil where nobody listens.
    func get(
        _ path: String,
        at address: String,
        port: Int,
        from namespace: Lab.Namespace,
        options: [String] = []
    ) throws -> HTTPAnswer? {
        let url = "http://\(socketAddress(address, port))\(path)"
        let result = try lab.run(["curl", "-s", "-i", "-g", "-m", "5"] + options + [url], in: namespace)
        return HTTPAnswer(parsing: result.output)
    }
}
