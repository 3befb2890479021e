internal import CommandLineOptions
internal import LabKit
internal import LinuxSystem
internal import Telemetry

/// `fairlead-bench http`: requests for each second of processor time, beside nginx and HAProxy.
enum HTTPCommand {
    private static let gateway = CommandOption(
        "gateway",
        "PATH",
        "The gateway's program; by default the one beside this program."
    )
    private static let peers = CommandOption<HTTPSubject>.list(
        "peers",
        "LIST",
        "What is measured beside it: nginx, haproxy; by default those that are installed.",
        expecting: "nginx or haproxy"
    ) { HTTPSubject(rawValue: $0).flatMap { $0 == .fairlead ? nil : $0 } }
    private static let cases = CommandOption<String>.list(
        "cases",
        "LIST",
        "The cases whose names begin so; all by default.",
        expecting: "beginnings of names such as 1024-c32 or routes"
    ) { text in HTTPCase.all.contains { $0.name.hasPrefix(text) } ? text : nil }
    private static let rounds = CommandOption("rounds", "R", "How many rounds count; 5 by default.", in: 1...1000)
    private static let seconds = CommandOption("seconds", "S", "How long a round takes; 1 by default.", in: 1...600)
    private static let connections = CommandOption(
        "idle-connections",
        "N",
        "How many connections are opened to measure memory; 5000 by default.",
        in: 1...8000
    )
    private static let json = CommandOption("json", "FILE", "Write the results there, as JSON.")

    static let declaration = Command(
        "fairlead-bench http",
        "Measures what requests cost fairlead-gateway beside nginx and HAProxy: one worker each on processor 0, load "
            + "and backend on processor 1, in a network namespace of its own. Needs root, and Debian's package wrk.",
        options: [gateway, peers, cases, rounds, seconds, connections, json]
    )

    static func run(_ arguments: Arguments) throws {
        if let reason = Lab.unavailableReason { throw HTTPBenchFault(reason) }
        let interruption = try Interruption()
        let descriptors = try OpenFileLimit.raise()
        let idle = arguments[connections] ?? 5000
        guard descriptors > idle * 2 + 1000 else {
            throw HTTPBenchFault("\(descriptors) open files are too few for \(idle) connections: raise the limit")
        }
        Machine.warnIfBusy()
        try withNewNetworkNamespace {
            // In memory, so that access logs cost no disk.
            let lab = try Lab(in: "/dev/shm")
            defer { lab.tearDown() }
            try prepare(lab)
            try RunningSubject.leaveProcessor(in: lab)
            let backend = Backend()
            var options = HTTPBench.Options(
                gateway: try gatewayPath(arguments),
                subjects: [.fairlead] + (try wantedPeers(arguments, in: lab)),
                cases: wantedCases(arguments)
            )
            options.rounds = arguments[rounds] ?? 5
            options.seconds = arguments[seconds] ?? 1
            options.idleConnections = idle
            let path = arguments[json]
            try backend.serve { try measure(options, lab, backend, interruption, to: path) }
        }
    }

    private static func prepare(_ lab: Lab) throws {
        try HTTPTools.require("wrk", package: "wrk", in: lab)
        try HTTPTools.require("openssl", package: "openssl", in: lab)
        try HTTPTools.require("setpriv", package: "util-linux", in: lab)
        try HTTPTools.configureNetwork(in: lab)
        try HTTPTools.makeCertificate(in: lab)
    }

    private static func measure(
        _ options: HTTPBench.Options,
        _ lab: Lab,
        _ backend: Backend,
        _ interruption: Interruption,
        to path: String?
    ) throws {
        var versions: [String] = []
        for subject in options.subjects {
            let version = try subject.version(gateway: options.gateway, in: lab)
            versions.append("\(JSONText.quoted(subject.rawValue)): \(JSONText.quoted(version))")
        }
        let table = HTTPTable(subjects: options.subjects)
        try StandardStream.output.write(table.head + "\n")
        var results: [String] = []
        let stolenBefore = Machine.processorTicks
        let bench = HTTPBench(options, lab: lab, backend: backend, check: interruption.check)
        try bench.run { finished in
            results += finished.map(\.json)
            // A table that nobody takes is no reason to stop measuring.
            try? StandardStream.output.write(table.row(finished) + "\n")
            guard let worst = finished.max(by: { $0.waited < $1.waited }), worst.waited > 0.05 else { return }
            let share = Int((worst.waited * 100).rounded())
            try? StandardStream.error.write(
                "warning: \(worst.subject.rawValue) waited \(share) % of its time for a processor in "
                    + "\(worst.name): the machine is not quiet\n"
            )
        }
        Machine.warnIfStolen(since: stolenBefore)
        guard let path else { return }
        let command = CommandLine.arguments.joined(separator: " ")
        let report = """
            {"machine": \(Machine.json), "command": \(JSONText.quoted(command)), \
            "versions": {\(versions.joined(separator: ", "))}, "results": [
            \(results.joined(separator: ",\n"))
            ]}

            """
        try writeFile(report, at: path)
    }

    private static func gatewayPath(_ arguments: Arguments) throws -> String {
        if let path = arguments[gateway] { return path }
        let own = try symbolicLinkDestination(at: "/proc/self/exe")
        let beside = own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        let path = "\(beside)/fairlead-gateway"
        guard (try? FileStatus(ofFileAt: path)) != nil else {
            throw HTTPBenchFault("there is no \(path): build it with 'make release', or give --gateway PATH")
        }
        return path
    }

    private static func wantedPeers(_ arguments: Arguments, in lab: Lab) throws -> [HTTPSubject] {
        let peers = arguments.gives(Self.peers) ? arguments.all(Self.peers) : [.nginx, .haproxy]
        var present: [HTTPSubject] = []
        for peer in peers {
            if try HTTPTools.has(peer.rawValue, in: lab) {
                present.append(peer)
            } else if arguments.gives(Self.peers) {
                throw HTTPBenchFault("there is no \(peer.rawValue): install Debian's package \(peer.rawValue)")
            } else {
                try StandardStream.error.write("\(peer.rawValue) is left out: Debian's package is not installed\n")
            }
        }
        return present
    }

    private static func wantedCases(_ arguments: Arguments) -> [HTTPCase] {
        let prefixes = arguments.all(cases)
        if prefixes.isEmpty { return HTTPCase.all }
        let names = Set(HTTPCase.all.map(\.name))
        // A whole name means that case alone, though others begin like it.
        return HTTPCase.all.filter { item in
            prefixes.contains { names.contains($0) ? item.name == $0 : item.name.hasPrefix($0) }
        }
    }
}
