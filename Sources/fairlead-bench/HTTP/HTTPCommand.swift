internal import CommandLineOptions
internal import LabKit
internal import LinuxSystem
internal import Telemetry

/// `fairlead-bench http`: requests for each second of processor time, beside other proxies and a floor.
enum HTTPCommand {
    private static let gateway = CommandOption(
        "gateway",
        "PATH",
        "The gateway's program; by default the one beside this program."
    )
    private static let peers = CommandOption<HTTPSubject>.list(
        "peers",
        "LIST",
        "What is measured beside it: \(HTTPSubject.peers.map(\.rawValue).joined(separator: ", ")); by default those "
            + "that are installed. relay is the floor: it does nothing but relay.",
        expecting: HTTPSubject.peers.map(\.rawValue).joined(separator: ", ")
    ) { name in HTTPSubject.peers.first { $0.rawValue == name } }
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
        "Measures what requests cost fairlead-gateway beside nginx, HAProxy, Caddy and Varnish, and beside the least "
            + "that a proxy can do: one worker each on processor 0, load and backend on processor 1, in a network "
            + "namespace of its own. Needs root, and Debian's package wrk.",
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
        let record = RunRecord(bench: "http")
        if let warning = Machine.warningOfLoad { record.warn(warning) }
        try withNewNetworkNamespace {
            // In memory, so that access logs cost no disk.
            let lab = try Lab(in: "/dev/shm")
            defer { lab.tearDown() }
            try prepare(lab)
            try RunningSubject.leaveProcessor(in: lab)
            let backend = Backend()
            var options = HTTPBench.Options(
                gateway: try gatewayPath(arguments),
                subjects: [.fairlead] + (try wantedPeers(arguments, in: lab, record)),
                cases: wantedCases(arguments)
            )
            options.rounds = arguments[rounds] ?? 5
            options.seconds = arguments[seconds] ?? 1
            options.idleConnections = idle
            try backend.serve { try measure(options, lab, backend, interruption, record) }
        }
        if let path = arguments[json] { try writeFile(record.json, at: path) }
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
        _ record: RunRecord
    ) throws {
        for subject in options.subjects {
            record.versions.append((subject.rawValue, try subject.version(gateway: options.gateway, in: lab)))
        }
        try StandardStream.output.write(HTTPTable.head + "\n")
        let line = ProgressLine()
        defer { line.clear() }
        let stolenBefore = Machine.processorTicks
        let check = interruption.check
        let bench = HTTPBench(options, lab: lab, backend: backend, check: check, progress: line.show)
        try bench.run { finished in
            line.clear()
            record.results += finished.map(\.json)
            // A table that nobody takes is no reason to stop measuring.
            try? StandardStream.output.write(HTTPTable.rows(finished).map { $0 + "\n" }.joined())
            guard let worst = finished.max(by: { $0.waited < $1.waited }), worst.waited > 0.05 else { return }
            let share = Int((worst.waited * 100).rounded())
            record.warn("\(worst.subject.rawValue) waited \(share) % of its time for a processor in \(worst.name)")
        }
        line.clear()
        if let warning = Machine.warningOfTheft(since: stolenBefore) { record.warn(warning) }
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

    private static func wantedPeers(
        _ arguments: Arguments,
        in lab: Lab,
        _ record: RunRecord
    ) throws -> [HTTPSubject] {
        let peers = arguments.gives(Self.peers) ? arguments.all(Self.peers) : HTTPSubject.peers
        var present: [HTTPSubject] = []
        for peer in peers {
            guard let program = peer.program, try !HTTPTools.has(program, in: lab) else {
                present.append(peer)
                continue
            }
            if arguments.gives(Self.peers) {
                throw HTTPBenchFault("there is no \(program): install Debian's package \(peer.rawValue)")
            }
            record.leaveOut(peer.rawValue, "Debian's package \(peer.rawValue) is not installed")
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
