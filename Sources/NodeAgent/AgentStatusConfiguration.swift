internal import NetworkAddress
internal import Telemetry

extension AgentOptions {
    /// The configuration in effect as `/configz` shows it: kube-proxy's v1alpha1 fields, as far as they mean something
    /// here.
    package var configz: String {
        let families = clusterCIDRs.map(\.description).joined(separator: ",")
        let fields: [(name: String, value: String)] = [
            ("kind", JSONText.quoted("KubeProxyConfiguration")),
            ("apiVersion", JSONText.quoted("kubeproxy.config.k8s.io/v1alpha1")),
            ("hostnameOverride", JSONText.quoted(nodeName)),
            ("healthzBindAddress", JSONText.quoted(healthzAddress?.description ?? "")),
            ("metricsBindAddress", JSONText.quoted(metricsAddress?.description ?? "")),
            ("bindAddressHardFail", "\(bindFailureIsFatal)"),
            ("mode", JSONText.quoted("nftables")),
            (
                "nftables",
                "{\"masqueradeAll\":\(masqueradesAll),\"syncPeriod\":"
                    + "\(JSONText.quoted("\(syncPeriod.components.seconds)s"))}"
            ),
            ("detectLocalMode", JSONText.quoted("ClusterCIDR")),
            ("clusterCIDR", JSONText.quoted(families)),
            ("nodePortAddresses", "[\(nodePorts.words.map(JSONText.quoted).joined(separator: ","))]"),
        ]
        let members = fields.map { "\(JSONText.quoted($0.name)):\($0.value)" }.joined(separator: ",")
        return "{\"kubeproxy.config.k8s.io\":{\(members)}}"
    }
}

extension NodePortSelection {
    /// The selection as the configuration spells it; every address is no word at all.
    fileprivate var words: [String] {
        switch self {
        case .all: []
        case .primary: ["primary"]
        case .ranges(let ranges): ranges.map(\.description)
        }
    }
}
