internal import KubernetesAPI
internal import ProxyConfiguration
internal import Telemetry

extension AgentOptions {
    /// The configuration in effect as `/configz` shows it: every field of kube-proxy's v1alpha1, under its name.
    package var configz: String { "{\"kubeproxy.config.k8s.io\":\(configuration.document.json)}" }

    /// What `/flagz` shows: the options that the command line gave, by name.
    var flagz: String {
        let lines = commandLine.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }
        return "\nfairlead-agent flags\n\(AgentStatusPages.zPageWarning)\n\n\(lines.joined())"
    }
}

extension ObjectValue {
    /// The value as JSON.
    fileprivate var json: String {
        switch self {
        case .null: "null"
        case .bool(let flag): "\(flag)"
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .string(let text): JSONText.quoted(text)
        case .array(let elements): "[\(elements.map(\.json).joined(separator: ","))]"
        case .object(let members):
            "{\(members.map { "\(JSONText.quoted($0.name)):\($0.value.json)" }.joined(separator: ","))}"
        }
    }
}
