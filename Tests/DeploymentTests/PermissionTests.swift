import KubernetesAPI
import ListWatch
import Manifests
import Testing

struct `The roles` {
    /// One thing that an account may do, such as `list services` or `patch ingresses/status.networking.k8s.io`.
    private struct Permission: Hashable, CustomStringConvertible {
        let verb: String
        let resource: String
        let group: String
        var description: String { "\(verb) \(resource)\(group.isEmpty ? "" : ".\(group)")" }
    }

    @Test func `of the agent allow what it asks for, and nothing else`() throws {
        var needed: Set<Permission> = []
        for resource in WatchedResource.agent(nodeName: "node-1") {
            for verb in ["list", "watch"] {
                needed.insert(Permission(verb: verb, resource: resource.plural, group: resource.group))
            }
        }
        needed.formUnion(try requests(below: "Sources/NodeAgent"))
        #expect(try difference(granted(in: "configs/kubernetes/agent/"), needed) == [])
    }

    @Test func `of the gateway allow what it asks for, and nothing else`() throws {
        var needed = try requests(below: "Sources/Gateway")
        let text = try ConfigurationTree.sources(below: "Sources/Gateway")
        let groups = ["networking": "networking.k8s.io", "discovery": "discovery.k8s.io"]
        for match in text.matches(of: /WatchedResource\(\s*(?:group: (\w+),\s*)?plural: "(\w+)"/) {
            let group = try match.1.map { try #require(groups[String($0)]) } ?? ""
            for verb in ["list", "watch"] {
                needed.insert(Permission(verb: verb, resource: String(match.2), group: group))
            }
        }
        #expect(try difference(granted(in: "configs/kubernetes/gateway/"), needed) == [])
    }

    /// The requests that files make by themselves: each verb of a file with each path in it.
    private func requests(below folder: String) throws -> Set<Permission> {
        var found: Set<Permission> = []
        let verbs = ["post": "create", "put": "update", "mergePatch": "patch"]
        for path in ConfigurationTree.paths(below: folder, ending: ".swift") {
            let text = try ConfigurationTree.text(path)
            let resources = text.matches(
                of: #/"/apis?(?:/([a-z0-9.]+))?/v1(?:/namespaces/\\\([^"]*?\))?/([a-z]+)(/[^"]*)?"/#
            )
            for match in resources {
                let (group, collection) = (String(match.1 ?? ""), String(match.2))
                let isStatus = text.contains("/status\"")
                let resource = isStatus ? "\(collection)/status" : collection
                for request in text.matches(of: /APIRequest\(\s*\.(\w+)/) {
                    let verb = verbs[String(request.1)] ?? String(request.1)
                    found.insert(Permission(verb: verb, resource: resource, group: group))
                }
                if match.3 == nil, text.contains("\(collection)?labelSelector=") || text.contains("(\(collection))?") {
                    found.insert(Permission(verb: "list", resource: resource, group: group))
                }
            }
        }
        try #require(!found.isEmpty, "\(folder) makes no request that was found")
        return found
    }

    private func granted(in folder: String) throws -> Set<Permission> {
        var granted: Set<Permission> = []
        for (path, role) in try ConfigurationTree.objects("ClusterRole", "Role") where path.hasPrefix(folder) {
            for rule in role["rules"]?.items ?? [] {
                for group in rule.texts("apiGroups") {
                    for resource in rule.texts("resources") {
                        for verb in rule.texts("verbs") {
                            granted.insert(Permission(verb: verb, resource: resource, group: group))
                        }
                    }
                }
            }
        }
        return granted
    }

    private func difference(_ granted: Set<Permission>, _ needed: Set<Permission>) -> [String] {
        needed.subtracting(granted).map { "missing: \($0)" }.sorted()
            + granted.subtracting(needed).map { "too much: \($0)" }.sorted()
    }

    @Test func `are bound to the accounts that the pods have`() throws {
        let accounts = Set(
            try ConfigurationTree.objects("ServiceAccount").compactMap { $0.value.at("metadata.name")?.text }
        )
        let roles = Set(
            try ConfigurationTree.objects("ClusterRole", "Role").map { _, role in
                "\(role["kind"]?.text ?? "") \(role.at("metadata.name")?.text ?? "")"
            }
        )
        var bound: Set<String> = []
        for (path, binding) in try ConfigurationTree.objects("ClusterRoleBinding", "RoleBinding") {
            let role = "\(binding.at("roleRef.kind")?.text ?? "") \(binding.at("roleRef.name")?.text ?? "")"
            #expect(roles.contains(role), "\(path)")
            bound.insert(role)
            for subject in binding["subjects"]?.items ?? [] {
                let name = subject["name"]?.text ?? ""
                #expect(accounts.contains(name), "\(path)")
                #expect(
                    subject["namespace"]?.text == (name == "fairlead-agent" ? "kube-system" : "fairlead"),
                    "\(path)"
                )
            }
        }
        #expect(bound == roles)
        for container in try DeployedContainer.all() {
            #expect(accounts.contains(container.pod["serviceAccountName"]?.text ?? ""), "\(container)")
        }
    }

    @Test func `name the Lease and the ConfigMap that the gateways are given`() throws {
        let rules =
            try ConfigurationTree.document("configs/kubernetes/gateway/base/role.yaml").value["rules"]?.items ?? []
        for item in try DeployedContainer.all() where !item.isAgent {
            let lease = item.value(of: "election-id") ?? "", options = item.value(of: "configmap") ?? ""
            #expect(rules.contains { $0.texts("resources") == ["leases"] && $0.texts("resourceNames") == [lease] })
            let name = String(options.split(separator: "/").last ?? "")
            #expect(rules.contains { $0.texts("resources") == ["configmaps"] && $0.texts("resourceNames") == [name] })
        }
    }
}
