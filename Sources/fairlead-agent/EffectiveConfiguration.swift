internal import CommandLineOptions
internal import LinuxSystem
internal import Manifests
internal import NodeAgent
internal import ProxyConfiguration
internal import Telemetry

/// What fairlead-agent goes by, after the configuration file, the command line and the defaults.
struct EffectiveConfiguration {
    /// The configuration, with all defaults.
    private(set) var configuration: KubeProxyConfiguration

    /// The configuration file, if there is one.
    let file: String?

    /// Where objects come from, as far as the command line and the file say.
    let source: SourceChoice

    /// What to tell the operator: what is passed over, and why.
    private(set) var warnings: [String] = []

    /// What is read and makes no difference, for one line in the log.
    private(set) var withoutEffect: [String] = []

    /// Puts everything together.
    ///
    /// A configuration file comes before all options of kube-proxy but those for logging and the name of the node.
    /// Without one, connection tracking is left alone but for what options say: kube-proxy would set its defaults.
    ///
    /// - Throws: A file that cannot be read or decoded, or values that no configuration may have.
    init(_ arguments: Arguments) throws {
        file = arguments[AgentCommand.config]
        let given = ConfigurationFlag.ofKubeProxy.filter { $0.isGiven(arguments) }
        if let file {
            let document = try SingleDocument(path: file)
            warnings = document.defects.map { "\(file): \($0)" }
            do throws(ConfigurationError) {
                var notes: [String] = []
                configuration = try KubeProxyConfiguration(decoding: document.value, warnings: &notes)
                warnings += notes.map { "\(file): \($0); it is passed over" }
            } catch {
                throw ConfigurationFailure(messages: ["\(file): \(error)"])
            }
            configuration.applyDefaults()
            if !given.isEmpty {
                let names = given.map { "--\($0.name)" }.joined(separator: ", ")
                warnings.append("ignored because --config comes first: \(names)")
            }
            withoutEffect = configuration.fieldsWithoutEffect
        } else {
            configuration = Self.fromFlags(given, arguments)
            withoutEffect = given.filter { !$0.hasEffect }.map { "--\($0.name)" }
        }
        if let name = arguments[AgentCommand.hostname], !name.isEmpty { configuration.hostnameOverride = name }
        configuration.hostnameOverride = trimmed(configuration.hostnameOverride).lowercased()
        configuration.applyModeDefaults()
        Self.applyLogging(arguments, to: &configuration)
        for flag in ConfigurationFlag.ofFairlead { flag.apply(arguments, &configuration) }
        source = SourceChoice(arguments, configuration)
        withoutEffect += source.fieldsWithoutEffect(of: configuration)
        let problems = configuration.problems()
        if !problems.isEmpty {
            guard let file else { throw AgentCommand.refusal(problems.map(\.description).joined(separator: "; ")) }
            throw ConfigurationFailure(messages: problems.map { "\(file): \($0)" })
        }
        warnOfMode()
        warnOfFeatureGates()
    }

    private static func fromFlags(_ given: [ConfigurationFlag], _ arguments: Arguments) -> KubeProxyConfiguration {
        var configuration = KubeProxyConfiguration.defaults
        let conntrackDefaults = configuration.conntrack
        configuration.conntrack = .untouched
        // One of the two numbers is of no use without the other.
        if given.contains(where: { ["conntrack-max-per-core", "conntrack-min"].contains($0.name) }) {
            configuration.conntrack.maxPerCore = conntrackDefaults.maxPerCore
            configuration.conntrack.min = conntrackDefaults.min
        }
        for flag in given { flag.apply(arguments, &configuration) }
        configuration.appendDefaultPorts()
        return configuration
    }

    private static func applyLogging(_ arguments: Arguments, to configuration: inout KubeProxyConfiguration) {
        if let verbosity = arguments[AgentCommand.verbosity] { configuration.logging.verbosity = Int32(verbosity) }
        if let format = arguments[AgentCommand.logFormat] ?? arguments[AgentCommand.loggingFormat] {
            configuration.logging.format = format.rawValue
        }
    }

    private mutating func warnOfMode() {
        guard let mode = ProxyMode(rawValue: configuration.mode), mode != .nftables else { return }
        warnings.append(
            "mode \(mode.rawValue) is read for its settings, but fairlead-agent programs nftables; Services behave alike, "
                + "and rules that expect \(mode.rawValue) do not find it"
        )
    }

    private mutating func warnOfFeatureGates() {
        for (name, isOn) in configuration.featureGates.sorted(by: { $0.key < $1.key })
        where DefaultFeature(rawValue: name) == nil {
            withoutEffect.append("feature gate \(name)=\(isOn)")
        }
    }
}

/// A configuration that cannot be used.
struct ConfigurationFailure: Error, CustomStringConvertible {
    /// What is wrong, one line for each mistake.
    let messages: [String]

    var description: String { messages.joined(separator: "\n") }
}
