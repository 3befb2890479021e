internal import CommandLineOptions
internal import NetworkAddress
internal import ProxyConfiguration

/// An option that stands for a field of the configuration.
///
/// Those of kube-proxy are ignored beside `--config`, as kube-proxy does; those of Fairlead come before the file.
struct ConfigurationFlag: Sendable {
    /// The name without its dashes.
    let name: String

    /// Whether fairlead-agent makes use of it.
    let hasEffect: Bool

    /// The declaration for the command line.
    let option: any CommandOptionDeclaring

    /// Whether it was given.
    let isGiven: @Sendable (Arguments) -> Bool

    /// Puts what was given into the field.
    let apply: @Sendable (Arguments, inout KubeProxyConfiguration) -> Void

    /// Declares a flag whose last value counts.
    init<Value: Sendable>(
        _ option: CommandOption<Value>,
        hasEffect: Bool = true,
        _ set: @escaping @Sendable (inout KubeProxyConfiguration, Value) -> Void
    ) {
        self.init(option, hasEffect: hasEffect) { configuration, values in
            if let value = values.last { set(&configuration, value) }
        }
    }

    /// Declares a flag that takes a list.
    init<Value: Sendable>(
        list option: CommandOption<Value>,
        hasEffect: Bool = true,
        _ set: @escaping @Sendable (inout KubeProxyConfiguration, [Value]) -> Void
    ) {
        self.init(option, hasEffect: hasEffect, values: set)
    }

    private init<Value: Sendable>(
        _ option: CommandOption<Value>,
        hasEffect: Bool,
        values set: @escaping @Sendable (inout KubeProxyConfiguration, [Value]) -> Void
    ) {
        name = option.name
        self.hasEffect = hasEffect
        self.option = option
        isGiven = { $0.gives(option) }
        apply = { arguments, configuration in
            if arguments.gives(option) { set(&configuration, arguments.all(option)) }
        }
    }

    /// Declares a flag that is read and makes no difference.
    init(ignored name: String, _ placeholder: String = "VALUE", bareValue: String? = nil) {
        let help = "Accepted for kube-proxy's sake; it has no effect."
        let option = CommandOption<String>(name, placeholder, help, bareValue: bareValue) { $0 }
        self.init(option, hasEffect: false, values: { _, _ in })
    }
}

// MARK: - Kinds of values

extension ConfigurationFlag {
    /// An option that is true or false, and true when it stands alone.
    static func boolean(_ name: String, _ help: String) -> CommandOption<Bool> {
        CommandOption(
            name,
            "true|false",
            help,
            expecting: "true or false",
            bareValue: "true",
            reading: { goBoolean($0) }
        )
    }

    /// An option with a whole number of 32 bits; the rules of the field are checked with the configuration.
    static func number(_ name: String, _ help: String) -> CommandOption<Int32> {
        CommandOption(name, "NUMBER", help, expecting: "a whole number") { Int32($0) }
    }

    /// An option with a duration.
    static func duration(_ name: String, _ help: String) -> CommandOption<Duration> {
        CommandOption(name, "DURATION", help, expecting: "a duration such as 30s or 1h2m") { Duration(goSyntax: $0) }
    }

    /// An option with text, which may be empty.
    static func text(_ name: String, _ placeholder: String, _ help: String) -> CommandOption<String> {
        CommandOption(name, placeholder, help) { $0 }
    }

    /// An option with an address to listen on; empty for nowhere.
    static func listener(_ name: String, _ help: String) -> CommandOption<String> {
        CommandOption(name, "ADDRESS[:PORT]", help, expecting: "an address such as 0.0.0.0:10256 or [::]:10256") {
            $0.isEmpty || TransportAddress(parsing: $0) != nil || IPAddress(parsing: $0) != nil ? $0 : nil
        }
    }
}
