internal import LinuxSystem
internal import Telemetry

/// The machine that a run is made on, for those who compare runs.
enum Machine {
    /// The machine as JSON: what the kernel says of itself and of its processors.
    static var json: String {
        let version = firstLine(of: "/proc/sys/kernel/osrelease")
        let processors = lines(of: "/proc/cpuinfo").filter { $0.hasPrefix("model name") }
        let model = processors.first?.split(separator: ":", maxSplits: 1).last.map(String.init) ?? "unknown"
        let memory = firstLine(of: "/proc/meminfo").filter(\.isNumber)
        return """
            {"kernel": \(JSONText.quoted(version)), "processor": \(JSONText.quoted(trimmed(model))), \
            "processors": \(processors.count), "memoryKiB": \(memory.isEmpty ? "0" : memory)}
            """
    }

    private static func firstLine(of path: String) -> String { lines(of: path).first ?? "" }

    private static func lines(of path: String) -> [String] {
        // A machine without /proc is described as far as it tells.
        guard let text = try? readFile(at: path) else { return [] }
        return text.split(separator: "\n").map(String.init)
    }

    private static func trimmed(_ text: String) -> String { text.split(separator: " ").joined(separator: " ") }
}
