internal import CommandLineOptions
internal import LinuxSystem
internal import NetworkAddress

/// `fairlead-echo serve`: plays a pod.
struct ServeCommand {
    private static let name = CommandOption("name", "POD", "The name to answer with.")
    private static let tcp = CommandOption.list(
        "tcp",
        "PORT",
        "Say who answers when a connection opens, then send every byte back.",
        expecting: "a port from 1 to 65535"
    ) { Port(parsing: $0) }
    private static let udp = CommandOption.list(
        "udp",
        "PORT",
        "Answer each datagram with who answers and the datagram itself.",
        expecting: "a port from 1 to 65535"
    ) { Port(parsing: $0) }
    private static let http = CommandOption.list(
        "http",
        "PORT",
        "Answer each HTTP request with who answers and the request's own head.",
        expecting: "a port from 1 to 65535"
    ) { Port(parsing: $0) }
    private static let bind = CommandOption(
        "bind",
        "ADDRESS",
        "Listen on this address only. Without it, on every address of both families.",
        expecting: "an IPv4 or IPv6 address"
    ) { IPAddress(parsing: $0) }

    private static let control = CommandFlag(
        "control",
        """
        Serve on no address at first, and do what lines of the standard input say: 'open ADDRESS' serves every port on it \
        too, 'close ADDRESS' ends that and lets its connections go on, 'say WORD' prints the word when all of this is done.
        """
    )

    static let declaration = Command(
        "fairlead-echo serve",
        "Plays a pod: answers TCP, UDP and HTTP with its name and the client's address, until it is ended.",
        options: [name, tcp, udp, http, bind, control]
    )

    private let pod: String
    private let services: [(kind: EchoServer.Kind, port: Port)]
    private let address: IPAddress?
    private let obeys: Bool

    init(_ arguments: Arguments) throws(UsageError) {
        guard let pod = arguments[Self.name] else {
            throw UsageError(message: "option --name is missing", command: Self.declaration.name)
        }
        self.pod = pod
        address = arguments[Self.bind]
        obeys = arguments[Self.control]
        services =
            arguments.all(Self.tcp).map { (.tcp, $0) } + arguments.all(Self.udp).map { (.udp, $0) }
            + arguments.all(Self.http).map { (.http, $0) }
        if services.isEmpty {
            throw UsageError(
                message: "nothing to serve: give at least one of --tcp, --udp and --http",
                command: Self.declaration.name
            )
        }
    }

    func run() throws -> Never {
        // A descriptor each for the standard streams and the listeners, and some to spare.
        let connectionsMax = try OpenFileLimit.raise() - 3 - services.count - (obeys ? 4096 : 16)
        var server = EchoServer(pod: pod, connectionsMax: max(1, min(connectionsMax, 16_384)))
        if obeys {
            server.obey(EchoControl(), services: services)
        } else {
            for (kind, port) in services { try server.listen(kind, on: address, port: port) }
        }
        let list = services.map { "\($0.kind)/\($0.port)" }.joined(separator: " ")
        try StandardStream.output.write("ready \(pod) \(list)\n")
        try server.run()
    }
}
