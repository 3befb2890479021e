import KubernetesAPI

@testable import Manifests

/// Reads a text with every kind known, as the file `web.yaml` or `web.json`.
func contents(of text: String, _ format: ManifestFormat = .yaml) -> ManifestContents {
    ManifestContents(
        of: Array(text.utf8),
        format: format,
        name: format == .yaml ? "web.yaml" : "web.json",
        decoder: ObjectDecoder(kinds: Set(ObjectKind.allCases))
    )
}

extension ManifestContents {
    /// The objects by name.
    var names: [String] { decoded.objects.map(\.reference.description) }

    /// Where the objects were read.
    var origins: [String] { decoded.objects.compactMap(\.metadata.origin) }

    /// All problems in words.
    var problems: [String] { (syntaxProblems + decoded.problems).map(\.description) }
}

/// A Service in YAML, ten lines long with the separator.
func serviceText(_ name: String, port: Int = 80) -> String {
    """
    ---
    apiVersion: v1
    kind: Service
    metadata:
      name: \(name)
    spec:
      clusterIP: 10.96.0.1
      ports:
      - port: \(port)
        targetPort: 8080

    """
}

/// A Service in JSON on one line.
func serviceJSON(_ name: String, port: Int = 80) -> String {
    #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"\#(name)"},"spec":{"ports":[{"port":\#(port)}]}}"#
}
