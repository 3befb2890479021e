import CommandLineOptions

/// A command that has an option of every form; the tests read their tables against it.
enum Example {
    enum Format: String, CaseIterable { case text, json }
    enum Cleanup: String, CaseIterable { case fairlead, kubeProxy = "kube-proxy" }

    static let manifests = CommandOption("manifests", "DIR", "Read objects from the files of this directory.")
    static let port = CommandOption("http-port", "PORT", "Serve HTTP on this port.", in: 1...65535)
    static let level = CommandOption("v", "LEVEL", "Log in this much detail, from 0 to 10.", in: 0...10)
    static let format = CommandOption<Format>("log-format", "Write logs in this form.")
    static let cleanup = CommandOption<Cleanup>("cleanup", "Remove every trace.", bareValue: .fairlead)
    static let ranges = CommandOption.list("cluster-cidr", "CIDR", "Take these ranges for pods.", expecting: "a range")
    {
        $0.contains("/") ? $0 : nil
    }
    static let once = CommandFlag("once", "Apply, wait for the kernel and exit.")

    static let command = Command(
        "fairlead-example",
        "Shows what a command line can say.",
        version: "1.2.3",
        options: [manifests, port, level, format, cleanup, ranges, once]
    )

    /// What a command line asked for, in words that a table can hold.
    static func outcome(of words: [String], with command: Command = command) -> String {
        do {
            switch try command.parse(words) {
            case .print(let text): return text.hasPrefix("Usage:") ? "help" : text
            case .run(let arguments): return describe(arguments)
            }
        } catch {
            return error.description
        }
    }

    private static func describe(_ arguments: Arguments) -> String {
        var words: [String] = []
        if let value = arguments[manifests] { words.append("manifests=\(value)") }
        if let value = arguments[port] { words.append("port=\(value)") }
        if let value = arguments[level] { words.append("level=\(value)") }
        if let value = arguments[format] { words.append("format=\(value)") }
        if let value = arguments[cleanup] { words.append("cleanup=\(value)") }
        if arguments.gives(ranges) { words.append("ranges=\(arguments.all(ranges))") }
        if arguments[once] { words.append("once") }
        return (words + arguments.operands.map { "operand=\($0)" }).joined(separator: " ")
    }
}
