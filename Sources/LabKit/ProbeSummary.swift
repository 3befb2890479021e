/// What `fairlead-echo probe --json` reports.
package struct ProbeSummary: Hashable, Sendable {
    /// How often it tried.
    package var tries = 0
    /// How many tries a pod answered.
    package var ok = 0
    /// How many were refused, by a TCP reset or an ICMP "port unreachable".
    package var refused = 0
    /// How many nobody answered in time.
    package var timeout = 0
    /// How many failed in another way; see `errors`.
    package var error = 0
    /// The answers of each pod.
    package var pods: [String: Int] = [:]
    /// The answers for each address that pods saw as their client.
    package var clients: [String: Int] = [:]
    /// The TCP answers of each server address, such as `10.244.1.11:9000`.
    package var servers: [String: Int] = [:]
    /// The failures by the system's words for them.
    package var errors: [String: Int] = [:]
    /// The first tries that nobody answered: how they ended, from which port, and when.
    package var losses: [String] = []
    /// The longest time to an answer or a refusal, in milliseconds.
    package var maxMilliseconds = 0.0

    /// Reads the JSON text of a summary.
    init(parsing text: String) throws {
        var reader = JSONReader(text)
        do {
            try reader.members { (reader, name) throws(JSONReader.Unreadable) in
                switch name {
                case "tries": tries = try reader.integer()
                case "ok": ok = try reader.integer()
                case "refused": refused = try reader.integer()
                case "timeout": timeout = try reader.integer()
                case "error": error = try reader.integer()
                case "pods": pods = try reader.counts()
                case "clients": clients = try reader.counts()
                case "servers": servers = try reader.counts()
                case "errors": errors = try reader.counts()
                case "losses": losses = try reader.texts()
                case "max_ms": maxMilliseconds = try reader.number()
                default: throw JSONReader.Unreadable()
                }
            }
        } catch {
            throw LabError.badSummary(text)
        }
    }
}
