import Foundation
import KubernetesAPI
import Manifests

/// The files that a deployment is made of, as text and as values.
enum ConfigurationTree {
    /// The package's root, found from this very file.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The paths of all files below a folder whose names end so.
    static func paths(below folder: String, ending suffix: String = "") -> [String] {
        let names = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
        return (names?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix(suffix) }.map { "\(folder)/\($0)" }
            .filter { !isFolder($0) }.sorted()
    }

    /// Whether a folder has this path.
    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        // The pointer leads to a variable of this frame.
        let exists = unsafe FileManager.default.fileExists(
            atPath: root.appendingPathComponent(path).path,
            isDirectory: &isFolder
        )
        return exists && isFolder.boolValue
    }

    /// The text of a file.
    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The Swift files below a folder, as one text.
    static func sources(below folder: String) throws -> String {
        try paths(below: folder, ending: ".swift").map(text).joined(separator: "\n")
    }

    /// The one document of a file.
    static func document(_ path: String) throws -> SingleDocument {
        try SingleDocument(of: Array(text(path).utf8), name: path)
    }

    /// All files for a cluster.
    static let clusterFiles = paths(below: "configs/kubernetes", ending: ".yaml")

    /// The objects of a kind, with the files that hold them.
    static func objects(_ kinds: String...) throws -> [(path: String, value: ObjectValue)] {
        try clusterFiles.filter { !$0.hasSuffix("kustomization.yaml") }
            .map { ($0, try document($0).value) }
            .filter { $0.1["$patch"] == nil && kinds.contains($0.1["kind"]?.text ?? "") }
    }
}

extension ObjectValue {
    /// The text; nil when it is none.
    var text: String? {
        if case .string(let text) = self { return text }
        return nil
    }

    /// The elements; none when it is no list.
    var items: [ObjectValue] {
        if case .array(let items) = self { return items }
        return []
    }

    /// The whole number; nil when it is none.
    var whole: Int64? {
        if case .integer(let number) = self { return number }
        return nil
    }

    /// What a path of members leads to.
    func at(_ path: String) -> ObjectValue? {
        path.split(separator: ".").reduce(Optional(self)) { value, name in value?[String(name)] }
    }

    /// The texts of a list at a path.
    func texts(_ path: String) -> [String] { at(path)?.items.compactMap(\.text) ?? [] }
}

/// A container with what its pod says.
struct DeployedContainer: CustomStringConvertible {
    let path: String
    let pod: ObjectValue
    let container: ObjectValue

    var description: String { "\(path): \(container["name"]?.text ?? "?")" }
    var args: [String] { container.texts("args") }
    var isAgent: Bool { image == "fairlead-agent" }
    var image: String { container["image"]?.text ?? "" }

    /// All containers of all workloads, those that prepare included.
    static func all() throws -> [DeployedContainer] {
        try ConfigurationTree.objects("DaemonSet", "Deployment").flatMap { path, value in
            let pod = value.at("spec.template.spec") ?? .null
            return ((pod["initContainers"]?.items ?? []) + (pod["containers"]?.items ?? [])).map {
                DeployedContainer(path: path, pod: pod, container: $0)
            }
        }
    }

    /// The value of an option.
    func value(of option: String) -> String? {
        args.first { $0.hasPrefix("--\(option)=") }.map { String($0.dropFirst(option.count + 3)) }
    }
}
