internal import LinuxSystem
internal import NetworkAddress
internal import Telemetry

extension ProbeResult {
    /// The line of one try.
    func line(took: Duration) -> String {
        switch self {
        case .answered(let answer): "ok \(answer.pod) client=\(answer.client) \(took.shortText)"
        case .refused: "refused \(took.shortText)"
        case .timedOut: "timeout"
        case .failed(let error): "unreachable \(error) (errno \(error.rawValue))"
        }
    }
}

/// How many tries ended how.
struct ProbeSummary {
    private(set) var tries = 0
    private var answered = 0
    private var refused = 0
    private var timedOut = 0
    private var failed = 0
    private var pods: [String: Int] = [:]
    private var clients: [String: Int] = [:]
    private var servers: [String: Int] = [:]
    private var errors: [String: Int] = [:]
    /// The first tries that nobody answered: how they ended, from which port, and when.
    private var losses: [String] = []
    private static let lossesMax = 20
    private var longest = Duration.zero

    /// Counts a try; the longest time is that of answers and refusals, as a timeout's length is the caller's choice.
    mutating func add(_ result: ProbeResult, took: Duration, from source: TransportAddress?, at moment: WallTime) {
        tries += 1
        if !result.isAnswer, losses.count < Self.lossesMax {
            let place = source.map { " from \($0)" } ?? ""
            losses.append("try \(tries)\(place) at \(moment): \(result.line(took: took))")
        }
        switch result {
        case .answered(let answer):
            answered += 1
            pods[answer.pod, default: 0] += 1
            clients[TransportAddress(parsing: answer.client).map { "\($0.address)" } ?? answer.client, default: 0] += 1
            if let server = answer.server { servers[server, default: 0] += 1 }
            longest = max(longest, took)
        case .refused:
            refused += 1
            longest = max(longest, took)
        case .timedOut:
            timedOut += 1
        case .failed(let error):
            failed += 1
            errors["\(error)", default: 0] += 1
        }
    }

    /// The summary for programs, in one line.
    var json: String {
        "{\"tries\":\(tries),\"ok\":\(answered),\"refused\":\(refused),\"timeout\":\(timedOut),\"error\":\(failed),"
            + "\"pods\":\(Self.json(pods)),\"clients\":\(Self.json(clients)),\"servers\":\(Self.json(servers)),"
            + "\"errors\":\(Self.json(errors)),"
            + "\"losses\":[\(losses.map(JSONText.quoted).joined(separator: ","))],"
            + "\"max_ms\":\((longest.inSeconds * 1e6).rounded() / 1000)}"
    }

    /// The summary for people, in one line.
    var text: String {
        let counts = "\(tries) tries: \(answered) ok, \(refused) refused, \(timedOut) timeout, \(failed) error"
        let shares = pods.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return shares.isEmpty ? counts : "\(counts); \(shares.joined(separator: ", "))"
    }

    private static func json(_ counts: [String: Int]) -> String {
        let members = counts.sorted { $0.key < $1.key }.map { "\(JSONText.quoted($0.key)):\($0.value)" }
        return "{\(members.joined(separator: ","))}"
    }
}
