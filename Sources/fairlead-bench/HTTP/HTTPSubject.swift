internal import LabKit
internal import LinuxSystem

/// What is measured: a proxy with one worker.
enum HTTPSubject: String, CaseIterable {
    case fairlead
    case nginx
    case haproxy
    case caddy
    case varnish
    /// The least that a proxy can do: the floor.
    case relay

    /// Those that may be measured beside the gateway.
    static let peers: [HTTPSubject] = [.nginx, .haproxy, .caddy, .varnish, .relay]

    /// The port for requests in clear; that for TLS is 10 above, that for statistics 20.
    var plainPort: Int {
        switch self {
        case .fairlead: 8001
        case .nginx: 8002
        case .haproxy: 8003
        case .caddy: 8004
        case .varnish: 8005
        case .relay: 8006
        }
    }

    /// The program that must be there; nil where it is the bench's own.
    var program: String? {
        switch self {
        case .fairlead, .relay: nil
        case .nginx, .haproxy, .caddy: rawValue
        case .varnish: "varnishd"
        }
    }

    /// Whether it speaks TLS to clients.
    var servesTLS: Bool { self != .varnish && self != .relay }

    /// Whether it writes down what it was asked for.
    var writesLog: Bool { self != .relay }

    /// Whether one thread does its work, so that its waits for the processor tell of others.
    var hasOneThread: Bool { self != .caddy && self != .varnish }

    /// Whether it can do what a case is about.
    func takes(_ work: HTTPCase.Work) -> Bool {
        switch work {
        case .requests(_, _, let isTLS): !isTLS || servesTLS
        // Varnish has no table of hosts, and the relay looks at none.
        case .routes: servesTLS
        case .handshakes: servesTLS
        case .latency: true
        // The relay knows nothing of a connection that would take memory.
        case .memory(let isTLS): self != .relay && (!isTLS || servesTLS)
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
    static let idleUpstreams = 1024
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
        case .caddy: try prepareCaddy(setting, in: lab)
        case .varnish: try prepareVarnish(setting, in: lab)
        case .relay: try relayCommand()
        }
    }

    /// What the program says of its version.
    func version(gateway: String, in lab: Lab) throws -> String {
        let command =
            switch self {
            case .fairlead: [gateway, "--version"]
            case .nginx: ["nginx", "-v"]
            case .haproxy: ["haproxy", "-v"]
            case .caddy: ["caddy", "version"]
            case .varnish: ["varnishd", "-V"]
            case .relay: [try symbolicLinkDestination(at: "/proc/self/exe"), "--version"]
            }
        let result = try lab.run(command)
        let line = (result.output + result.error).split(separator: "\n").first.map(String.init) ?? ""
        return line
    }
}
