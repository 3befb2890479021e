internal import CommandLineOptions
internal import LinuxSystem
internal import NetworkAddress
internal import Telemetry

/// `fairlead-bench sync`: from a decoded change to the kernel's acknowledgement.
enum SyncCommand {
    private static let services = CommandOption<Int>.list(
        "services",
        "N",
        "The numbers of Services to measure at; 10000 by default.",
        expecting: "numbers from 1 to 200000"
    ) { Int($0).flatMap { (1...200_000).contains($0) ? $0 : nil } }
    private static let endpoints = CommandOption(
        "endpoints",
        "M",
        "How many endpoints each Service has; 4 by default.",
        in: 1...64
    )
    private static let rounds = CommandOption(
        "rounds",
        "R",
        "How many times each small change is measured; 1000 by default.",
        in: 4...1_000_000
    )
    private static let ipv6 = CommandFlag("ipv6", "Measure IPv6 in place of IPv4.")
    private static let json = CommandOption("json", "FILE", "Write the results there, as JSON.")

    static let declaration = Command(
        "fairlead-bench sync",
        "Measures how long it takes from a decoded change to the kernel's acknowledgement, in a network namespace of "
            + "its own. Needs root.",
        options: [services, endpoints, rounds, ipv6, json]
    )

    static func run(_ arguments: Arguments) throws {
        var results: [String] = []
        let sizes = arguments.gives(services) ? arguments.all(services) : [10_000]
        try StandardStream.output.write(Measurement.head + "\n")
        for size in sizes {
            let cluster = SyntheticCluster(
                services: size,
                endpoints: arguments[endpoints] ?? 4,
                family: arguments[ipv6] ? .ipv6 : .ipv4
            )
            let bench = SyncBench(cluster: cluster, rounds: arguments[rounds] ?? 1000)
            try withNewNetworkNamespace {
                try bench.run { measurement in
                    results.append(measurement.json)
                    // A table that nobody takes is no reason to stop measuring.
                    try? StandardStream.output.write(measurement.row + "\n")
                }
            }
        }
        guard let path = arguments[json] else { return }
        let command = CommandLine.arguments.joined(separator: " ")
        let report = """
            {"machine": \(Machine.json), "command": \(JSONText.quoted(command)), "results": [
            \(results.joined(separator: ",\n"))
            ]}

            """
        try writeFile(report, at: path)
    }
}
