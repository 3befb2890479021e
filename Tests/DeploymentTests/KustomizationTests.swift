import KubernetesAPI
import Manifests
import Testing

struct `Every file for a cluster` {
    @Test func `holds one document, which parses without a defect`() throws {
        #expect(ConfigurationTree.clusterFiles.count > 20)
        for path in ConfigurationTree.clusterFiles {
            let document = try ConfigurationTree.document(path)
            #expect(document.defects == [], "\(path)")
            #expect(document.value["apiVersion"]?.text != nil && document.value["kind"]?.text != nil, "\(path)")
        }
    }

    @Test func `is named by the kustomization of its folder, and what that names is there`() throws {
        let kustomizations = ConfigurationTree.clusterFiles.filter { $0.hasSuffix("/kustomization.yaml") }
        var named: Set<String> = Set(kustomizations)
        for path in kustomizations {
            let folder = path.dropLast("/kustomization.yaml".count)
            let value = try ConfigurationTree.document(path).value
            let patches = (value["patches"]?.items ?? []).compactMap { $0["path"]?.text }
            let generators = value["configMapGenerator"]?.items ?? []
            let generated = generators.flatMap { $0.texts("files") + $0.texts("envs") }
            for name in value.texts("resources") + value.texts("components") + patches + generated {
                let target = join(String(folder), name)
                if ConfigurationTree.isFolder(target) {
                    #expect(kustomizations.contains("\(target)/kustomization.yaml"), "\(path): \(name)")
                } else {
                    #expect(throws: Never.self, "\(path): \(name)") { try ConfigurationTree.text(target) }
                    named.insert(target)
                }
            }
        }
        #expect(ConfigurationTree.paths(below: "configs/kubernetes").filter { !named.contains($0) } == [])
    }

    /// The path that a name means in a folder.
    private func join(_ folder: String, _ name: String) -> String {
        var parts = folder.split(separator: "/")
        for part in name.split(separator: "/") {
            if part == ".." { parts.removeLast() } else { parts.append(part) }
        }
        return parts.joined(separator: "/")
    }

    @Test func `of images says the version of the programs`() throws {
        let agent = try #require(try version(in: "Sources/NodeAgent/AgentBuild.swift"))
        let gateway = try #require(try version(in: "Sources/Gateway/Control/GatewayBuild.swift"))
        var seen = 0
        for path in ConfigurationTree.clusterFiles where path.hasSuffix("/kustomization.yaml") {
            for image in try ConfigurationTree.document(path).value["images"]?.items ?? [] {
                let isAgent = image["name"]?.text == "fairlead-agent"
                #expect(image["newTag"]?.text == (isAgent ? agent : gateway), "\(path)")
                seen += 1
            }
        }
        #expect(seen == 3)
        let file = try ConfigurationTree.text("configs/container/Dockerfile")
        #expect(file.matches(of: /ARG VERSION=(\S+)/).map { String($0.1) } == [agent, gateway])
        #expect(file.contains("-t fairlead-agent:\(agent)") && file.contains("-t fairlead-gateway:\(gateway)"))
        for container in try DeployedContainer.all() {
            #expect(["fairlead-agent", "fairlead-gateway"].contains(container.image), "\(container)")
        }
    }

    private func version(in path: String) throws -> String? {
        try ConfigurationTree.text(path).firstMatch(of: /version = "([^"]+)"/).map { String($0.1) }
    }

    @Test(arguments: ["drop-in", "shadow"])
    func `of a component finds the arguments that it replaces`(_ component: String) throws {
        let value = try ConfigurationTree.document("configs/kubernetes/gateway/\(component)/kustomization.yaml").value
        let patch = try #require(value["patches"]?.items.first?["patch"]?.text)
        let operations = try SingleDocument(of: Array(patch.utf8), name: component).value.items
        let gateways = try DeployedContainer.all().filter { !$0.isAgent }
        #expect(gateways.count == 2)
        for gateway in gateways {
            var args = gateway.args
            for operation in operations {
                let place = try #require(operation["path"]?.text?.split(separator: "/").last.map(String.init))
                let text = operation["value"]?.text ?? ""
                switch operation["op"]?.text {
                case "test": #expect(args[try #require(Int(place))] == text, "\(gateway)")
                case "replace": args[try #require(Int(place))] = text
                case "remove": args.remove(at: try #require(Int(place)))
                case "add": args.append(text)
                case let other: Issue.record("\(other ?? "no operation")")
                }
            }
            #expect(args.contains("--ingress-class=nginx"), "\(gateway)")
            #expect(!args.contains { $0.hasPrefix("--controller-class") }, "\(gateway)")
            #expect(args.contains("--update-status=false") == (component == "shadow"), "\(gateway)")
        }
    }
}
