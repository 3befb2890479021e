import Glibc
import LabKit
import NetworkAddress
import Testing

/// A gateway in a network namespace of its own, which follows a directory of manifests; and the pods behind it.
///
/// Every address of 10.0.0.0/8 but those of 10.9.0.0/16 is the namespace's own, so that pods and clients need no set-up;
/// what is sent to 10.9.0.0/16 is lost.
final class GatewayLab {
    /// Where the gateway listens for requests in clear.
    static let httpPort = 80
    /// Where the gateway listens for requests over TLS.
    static let httpsPort = 443
    /// Where it tells of itself.
    static let statusPort = 10254
    /// The address that clients ask.
    static let address = "10.0.0.1"
    /// The port of pods.
    static let podPort = 8080

    /// Namespaces, processes and files.
    let lab: Lab
    /// Where all of it happens.
    let namespace: Lab.Namespace
    /// The directory that the gateway follows.
    let manifestDirectory: String
    /// The options of the gateway, beside those that every lab gives.
    var options: [String]

    private var running: LabProcess?
    private(set) var pods: [ScriptedBackend] = []
    private var filesMade = 0

    /// Makes the namespace and a directory of manifests, and starts no gateway yet.
    init(options: [String] = ["--workers", "2"]) throws {
        lab = try Lab()
        namespace = try lab.makeNamespace("gw")
        // Addresses of the sixth version are not taken for the namespace's own by a route alone.
        try lab.set(["net/ipv6/ip_nonlocal_bind": "1"], in: namespace)
        try lab.configure(
            [
                // Without address resolution every packet leaves, and the far end takes none: they are for another card.
                "link add hole type veth peer name nowhere", "link set hole arp off up", "link set nowhere up",
                "route add local 10.0.0.0/8 dev lo", "route add 10.9.0.0/16 dev hole",
                "route add local fd00:1::/32 dev lo",
            ],
            in: namespace
        )
        manifestDirectory = try lab.makeDirectory("manifests")
        self.options = options
    }

    deinit { tearDown() }

    /// Ends the gateway and its pods.
    func tearDown() {
        for pod in pods { pod.stop() }
        pods = []
        lab.tearDown()
    }

    // MARK: - The gateway

    /// The running gateway.
    var gateway: LabProcess {
        get throws { try #require(running, "the test has started no gateway") }
    }

    /// The path of the access log.
    var accessLogPath: String { "\(lab.directory)/access.log" }

    /// The lines of the access log.
    func accessLog() throws -> [Substring] {
        try lab.run(["cat", accessLogPath]).output.split(separator: "\n")
    }

    /// The command line of the gateway, with more options behind those of the lab.
    func command(_ more: [String] = []) throws -> [String] {
        [
            try LabPrograms.path(of: "fairlead-gateway"), "--manifests", manifestDirectory, "--access-log",
            accessLogPath,
            "-v", "4",
        ] + options + more
    }

    /// Starts the gateway and waits until it serves by what the manifests say.
    ///
    /// With the words of another command, that one starts it.
    @discardableResult
    func start(under words: [String] = []) throws -> LabProcess {
        let process = try lab.start(words + command(), in: namespace, ready: "listens=", timeout: .seconds(60))
        running = process
        return process
    }

    /// Makes a change of the manifests and waits until the workers have been told of it.
    func awaitTables(_ change: () throws -> Void) throws {
        let gateway = try gateway
        let start = gateway.lines.count
        try change()
        try gateway.waitForLine(containing: "serving by new tables", after: start)
    }

    /// Puts a manifest in its place in one step.
    func put(_ text: String, in file: String) throws { try lab.write(text, to: "manifests/\(file)") }

    /// Puts manifests in their place, each in a file of its own.
    func put(_ manifests: [String]) throws {
        for text in manifests {
            filesMade += 1
            try put(text, in: "m\(filesMade).yaml")
        }
    }

    /// Removes a manifest.
    func remove(_ file: String) { lab.remove("manifests/\(file)") }

    // MARK: - Pods

    /// Starts a pod.
    @discardableResult
    func pod(
        _ name: String,
        _ number: Int,
        port: Int = podPort,
        script: @escaping ScriptedBackend.Script = { try $0.answerAll() }
    ) throws -> ScriptedBackend {
        let pod = try ScriptedBackend(name, in: namespace, at: endpoint(Self.podAddress(number), port), script: script)
        pods.append(pod)
        return pod
    }

    /// Starts a pod and writes a Service and an EndpointSlice of the same name for it alone.
    @discardableResult
    func service(
        _ name: String,
        _ number: Int,
        script: @escaping ScriptedBackend.Script = { try $0.answerAll() }
    ) throws -> ScriptedBackend {
        let pod = try pod(name, number, script: script)
        try put([Manifest.service(name), Manifest.endpoints(name, [Self.podAddress(number)])])
        return pod
    }

    /// The address of the pod of a number.
    static func podAddress(_ number: Int) -> String { "10.1.\(number / 250).\(number % 250 + 1)" }

    // MARK: - Clients

    /// Connects to the gateway, from an address of choice.
    func connect(
        port: Int = httpPort,
        to address: String = address,
        from source: String? = nil,
        receiveBuffer: Int32? = nil
    ) throws -> LabStream {
        try LabStream.connect(
            in: namespace,
            to: endpoint(address, port),
            from: source.flatMap { IPAddress(parsing: $0) },
            receiveBuffer: receiveBuffer
        )
    }

    /// Sends a request on a connection of its own and returns the response.
    func ask(
        _ target: String = "/",
        host: String? = nil,
        method: String = "GET",
        _ fields: [String] = [],
        body: String? = nil,
        from source: String? = nil,
        port: Int = httpPort
    ) throws -> HTTPMessage {
        let stream = try connect(port: port, from: source)
        try stream.send(Self.request(target, host: host, method: method, fields + ["Connection: close"], body: body))
        return try #require(try stream.readResponse(to: method), "no response to \(method) \(target) at \(host ?? "-")")
    }

    /// The text of a request.
    static func request(
        _ target: String = "/",
        host: String? = nil,
        method: String = "GET",
        _ fields: [String] = [],
        body: String? = nil
    ) -> String {
        var lines = ["\(method) \(target) HTTP/1.1"]
        if let host { lines.append("Host: \(host)") }
        lines += fields
        if let body { lines.append("Content-Length: \(body.utf8.count)") }
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
    }

    /// Asks for the gateway's own pages, such as `/metrics`.
    func status(_ target: String) throws -> HTTPMessage {
        try ask(target, host: "status", port: Self.statusPort)
    }

    /// Runs curl in the namespace; it knows every host as the gateway.
    func curl(_ arguments: [String], input: String = "") throws -> CommandResult {
        try lab.run(
            [
                "curl", "--silent", "--show-error", "--max-time", "30", "--connect-to", "::\(Self.address):",
            ] + arguments,
            in: namespace,
            input: input
        )
    }

    private func endpoint(_ address: String, _ port: Int) throws -> TransportAddress {
        TransportAddress(
            try #require(IPAddress(parsing: address)),
            try #require(Port(port))
        )
    }
}

/// Asks a condition again and again until it holds or the time is over; returns whether it held.
func eventually(within limit: Duration = .seconds(10), _ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = ContinuousClock.now + limit
    while true {
        if try condition() { return true }
        guard ContinuousClock.now < deadline else { return false }
        usleep(2000)
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips where no network namespaces can be made.
    static var needsLab: Self { .enabled(if: Lab.isAvailable, "\(Lab.unavailableReason ?? "")") }
}
