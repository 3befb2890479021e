internal import KubeConfig
internal import KubernetesAPI
internal import LinuxSystem
internal import ListWatch
internal import NetworkAddress

/// How to reach the server at the moment: its addresses, what TLS needs, and what to show with each request.
///
/// Files are looked at before every request. Name servers and exec plugins are asked on threads of their own; until
/// they answer, whoever wants to send is told to wait.
final class ServerAccess {
    /// What it takes to send a request.
    struct Admission {
        let target: ServerTarget
        /// The value of the field Authorization; nil to send none.
        let authorization: String?
    }

    /// Whether a request can be sent.
    enum Answer {
        case ready(Admission)
        case waiting
        case failed(String)
    }

    /// The server.
    let server: ServerAddress

    private let access: ClusterAccess
    private let queue: ReadinessSet
    private var security: SecurityFiles?
    private var tokenFile: MaterialFile?

    private var addresses: [IPAddress] = []
    private var addressesUntil: ContinuousClock.Instant?
    private var addressIndex = 0
    private var lookup: BackgroundTask<Result<[IPAddress], HostLookupError>>?

    private var credential: ExecCredential?
    private var plugin: BackgroundTask<Result<ExecCredential, AccessFault>>?
    private var pluginFailure: (message: String, until: ContinuousClock.Instant)?

    /// The token of the descriptors of threads in the queue.
    static let token = UInt64.max

    /// How long addresses of a name are used before the name servers are asked again.
    private static let addressLife = Duration.seconds(60)
    /// How long a failed plugin is left alone.
    private static let pluginPause = Duration.seconds(5)
    /// How long a plugin may take; it may ask an identity provider far away.
    private static let pluginWait = Duration.seconds(60)
    /// How long before their end credentials count as expired, in seconds.
    private static let expiryMargin: Int64 = 10

    init(_ access: ClusterAccess, queue: ReadinessSet) {
        self.access = access
        self.queue = queue
        server = access.server
        security = access.server.isSecure ? SecurityFiles(access) : nil
        if case .tokenFile(let path) = access.credential { tokenFile = MaterialFile(path: path) }
        if let address = IPAddress(parsing: access.server.host) { addresses = [address] }
    }

    /// Says whether a request can be sent, and begins what must be done before.
    func admit(now: ContinuousClock.Instant) -> Answer {
        do throws(AccessFault) {
            guard let address = try serverAddress(now: now), let authorization = try authorization(now: now) else {
                return .waiting
            }
            let security = try security?.security()
            return .ready(
                Admission(target: ServerTarget(address: address, security: security), authorization: authorization.text)
            )
        } catch {
            return .failed(error.message)
        }
    }

    /// Forgets credentials that the server has refused.
    func renewCredentials() {
        credential = nil
        pluginFailure = nil
    }

    /// Tries another address of the server next time.
    func addressFailed() { addressIndex &+= 1 }

    // MARK: - Addresses

    private func serverAddress(now: ContinuousClock.Instant) throws(AccessFault) -> TransportAddress? {
        if let result = lookup?.result() {
            lookup = nil
            switch result {
            case .success(let found):
                addresses = found
                addressesUntil = now + Self.addressLife
            case .failure(let error):
                // The addresses of before are better than none.
                guard !addresses.isEmpty else { throw AccessFault(message: "\(server.host): \(error)") }
                addressesUntil = now + Self.addressLife
            }
        }
        let isKnownForEver = IPAddress(parsing: server.host) != nil
        if !isKnownForEver, addressesUntil.map({ $0 <= now }) ?? true, lookup == nil {
            let host = server.host
            lookup = try begin("name lookup") { () -> Result<[IPAddress], HostLookupError> in
                do throws(HostLookupError) {
                    return .success(try LinuxSystem.addresses(ofHost: host))
                } catch { return .failure(error) }
            }
        }
        guard !addresses.isEmpty, let port = Port(rawValue: server.port) else { return nil }
        return TransportAddress(addresses[addressIndex % addresses.count], port)
    }

    private func begin<Value: Sendable>(
        _ name: String,
        _ body: @escaping @Sendable () -> Value
    ) throws(AccessFault) -> BackgroundTask<Value> {
        do throws(Errno) {
            let task = try BackgroundTask(name, body)
            try queue.addReading(task.descriptor, token: Self.token)
            return task
        } catch { throw AccessFault(message: "no thread for a \(name): \(error)") }
    }

    // MARK: - Credentials

    /// The field that a request carries; nil while a plugin is at work.
    private func authorization(now: ContinuousClock.Instant) throws(AccessFault) -> (text: String?, Void)? {
        switch access.credential {
        case .none: return (nil, ())
        case .token(let token): return ("Bearer \(token)", ())
        case .tokenFile(let path):
            _ = try tokenFile?.refresh("tokenFile")
            let token = String(decoding: tokenFile?.bytes ?? [], as: UTF8.self).filter { !$0.isWhitespace }
            guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
                throw AccessFault(message: "tokenFile: the file \(path) holds no token")
            }
            return ("Bearer \(token)", ())
        case .password(let user, let password):
            return ("Basic \(base64Encoded(Array("\(user):\(password)".utf8)))", ())
        case .exec(let plugin): return try authorization(from: plugin, now: now)
        }
    }

    private func authorization(
        from plugin: ExecPlugin,
        now: ContinuousClock.Instant
    ) throws(AccessFault) -> (text: String?, Void)? {
        if let result = self.plugin?.result() {
            self.plugin = nil
            switch result {
            case .success(let found):
                credential = found
                if let pair = found.clientCertificate { security?.use(pair) }
            case .failure(let error): pluginFailure = (error.message, now + Self.pluginPause)
            }
        }
        if let credential, !isExpired(credential) { return (credential.token.map { "Bearer \($0)" }, ()) }
        if let failure = pluginFailure {
            if failure.until > now { throw AccessFault(message: failure.message) }
            pluginFailure = nil
        }
        if self.plugin == nil {
            let input = plugin.input(for: access)
            self.plugin = try begin("exec plugin") { Self.run(plugin, input: input) }
        }
        return nil
    }

    private func isExpired(_ credential: ExecCredential) -> Bool {
        guard let end = credential.expirySeconds else { return false }
        return wallClockNanoseconds() / 1_000_000_000 >= end - Self.expiryMargin
    }

    private static func run(_ plugin: ExecPlugin, input: String) -> Result<ExecCredential, AccessFault> {
        var environment = processEnvironment().filter { variable in
            let name = variable.prefix { $0 != "=" }
            return name != "KUBERNETES_EXEC_INFO" && plugin.environment[String(name)] == nil
        }
        environment += plugin.environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        environment.append("KUBERNETES_EXEC_INFO=\(input)")
        let output: ProgramOutput
        do throws(ProgramOutput.Failure) {
            output = try ProgramOutput(
                of: plugin.command,
                arguments: plugin.arguments,
                environment: environment,
                wait: pluginWait
            )
        } catch {
            let reason =
                switch error {
                case .notStarted(let errno): "it cannot be run: \(errno)"
                case .tooSlow: "it did not end within \(pluginWait)"
                case .tooLong: "it printed more than a credential"
                }
            let hint = plugin.installHint.map { "; \($0)" } ?? ""
            return .failure(AccessFault(message: "exec \(plugin.command): \(reason)\(hint)"))
        }
        guard output.status == 0 else {
            let ending = output.status.map { "it ended with status \($0)" } ?? "a signal ended it"
            return .failure(AccessFault(message: "exec \(plugin.command): \(ending)"))
        }
        do throws(JSONError) {
            let document = try JSONReader.value(of: output.output.span)
            do throws(KubeConfigError) {
                return .success(try ExecCredential(document, from: plugin))
            } catch { return .failure(AccessFault(message: "exec: \(error)")) }
        } catch { return .failure(AccessFault(message: "exec \(plugin.command): its output is no JSON: \(error)")) }
    }
}
