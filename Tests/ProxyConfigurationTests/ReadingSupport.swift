import KubernetesAPI
import Manifests
import ProxyConfiguration

/// The head of every configuration file.
let head = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"

/// Reads a configuration file's text, and returns what was passed over too.
func read(_ text: String) throws -> (configuration: KubeProxyConfiguration, warnings: [String]) {
    let document = try SingleDocument(of: Array(text.utf8), name: "config.yaml")
    var warnings = document.defects
    let configuration = try KubeProxyConfiguration(decoding: document.value, warnings: &warnings)
    return (configuration, warnings)
}

/// Reads the fields of a configuration file, with all defaults.
func configured(_ fields: String) throws -> KubeProxyConfiguration {
    var configuration = try read(head + fields).configuration
    configuration.applyDefaults()
    configuration.applyModeDefaults()
    return configuration
}
