/// One picture of a report: the same case, measured of several subjects.
struct Chart {
    /// What the numbers are drawn against.
    enum Shape: Equatable {
        /// A line for each subject, against the number of Services, both axes logarithmic.
        case lines
        /// A bar for each subject.
        case bars
    }

    /// What tells it apart from the other pictures of its run.
    struct Key: Hashable {
        let name: String
        let unit: String
        let endpoints: Int?
        let family: String?
    }

    let key: Key
    let shape: Shape
    /// The results, subject by subject in the order of the run.
    let subjects: [(name: String, results: [RunResult])]

    /// Sorts the results of a run into pictures, in the order in which they were measured.
    static func all(of results: [RunResult]) -> [Chart] {
        var order: [Key] = []
        var sorted: [Key: [RunResult]] = [:]
        for result in results {
            let key = Key(name: result.name, unit: result.unit, endpoints: result.endpoints, family: result.family)
            if sorted[key] == nil { order.append(key) }
            sorted[key, default: []].append(result)
        }
        return order.compactMap { key in sorted[key].map { Chart(key, $0) } }
    }

    private init(_ key: Key, _ results: [RunResult]) {
        self.key = key
        shape = Set(results.compactMap(\.services)).count > 1 ? .lines : .bars
        var order: [String] = []
        for result in results where !order.contains(result.subject) { order.append(result.subject) }
        subjects = order.map { name in
            let own = results.filter { $0.subject == name }
            return (name, own.sorted { ($0.services ?? 0) < ($1.services ?? 0) })
        }
    }

    /// What it shows, in words.
    var title: String {
        var words = key.name
        if shape == .bars, let services = subjects.first?.results.first?.services { words += ", \(services) Services" }
        if let endpoints = key.endpoints { words += ", \(endpoints) endpoints" }
        if let family = key.family { words += ", \(family)" }
        return words
    }

    /// What its axis counts, in words.
    var unitText: String {
        switch key.unit {
        case "us": "µs"
        case "requests-per-cpu-second": "requests for each second of processor time"
        case "connections-per-cpu-second": "connections for each second of processor time"
        case "connections-per-second": "connections a second"
        case "bytes-per-connection": "bytes for each connection"
        default: key.unit
        }
    }
}
