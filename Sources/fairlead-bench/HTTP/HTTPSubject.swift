internal import LabKit
internal import LinuxSystem

/// What is measured: a proxy with one worker.
enum HTTPSubject: String, CaseIterable {
    case fairlead
    case nginx
    case haproxy

    /// The port for requests in clear; that for TLS is 10 above, that for statistics 20.
    var plainPort: Int {
        switch self {
        case .fairlead: 8001
        case .nginx: 8002
        case .haproxy: 8003
        }
    }

    var tlsPort: Int { plainPort + 10 }
    var statisticsPort: Int { plainPort + 20 }

    /// What a subject needs to serve.
    struct Setting {
        /// The gateway's program.
        let gateway: String
        /// The directory for files of the subject.
        let directory: String
        /// How many hosts are in its table.
        let hosts: Int
    }

    /// The name of a host in the table.
    static func host(_ number: Int) -> String { "host-\(number).bench.example" }

    /// How many connections to each backend are kept when nothing is asked over them.
    static let idleUpstreams = 320
    /// Enough that no connection ends because it had its share.
    static let requestsPerConnection = 100_000_000
    /// How long connections are kept.
    static let idleSeconds = 300

    /// Writes what the subject reads, and returns the command that runs it in the foreground.
    func prepare(_ setting: Setting, in lab: Lab) throws -> [String] {
        switch self {
        case .fairlead: try prepareFairlead(setting, in: lab)
        case .nginx: try prepareNginx(setting, in: lab)
        case .haproxy: try prepareHAProxy(setting, in: lab)
        }
    }

    /// What the program says of its version.
    func version(gateway: String, in lab: Lab) throws -> String {
        let command =
            switch self {
            case .fairlead: [gateway, "--version"]
            case .nginx: ["nginx", "-v"]
            case .haproxy: ["haproxy", "-v"]
            }
        let result = try lab.run(command)
        let line = (result.output + result.error).split(separator: "\n").first.map(String.init) ?? ""
        return line
    }
}
