import KubernetesAPI
import Manifests
import Testing

struct `Every container` {
    private static let capabilities = ["agent": ["NET_ADMIN"], "gateway": ["NET_BIND_SERVICE"]]

    @Test func `has the rights that it needs and no other`() throws {
        let containers = try DeployedContainer.all()
        #expect(containers.count == 4)
        for item in containers {
            let context = item.container["securityContext"] ?? .null
            #expect(context["readOnlyRootFilesystem"] == .bool(true), "\(item)")
            #expect(item.pod.at("securityContext.seccompProfile.type")?.text == "RuntimeDefault", "\(item)")
            #expect(item.pod["hostPID"] == nil && item.pod["hostIPC"] == nil, "\(item)")
            #expect(item.pod["volumes"]?.items.contains { $0["hostPath"] != nil } != true, "\(item)")
            if item.args.contains("--init-only") {
                #expect(context["privileged"] == .bool(true), "\(item)")
                #expect(item.pod["containers"]?.items.contains(item.container) == false, "\(item)")
                continue
            }
            #expect(context["privileged"] == nil, "\(item)")
            #expect(context["allowPrivilegeEscalation"] == .bool(false), "\(item)")
            #expect(context.texts("capabilities.drop") == ["ALL"], "\(item)")
            let name = item.container["name"]?.text ?? ""
            #expect(context.texts("capabilities.add") == Self.capabilities[name], "\(item)")
            #expect(item.isAgent != (item.pod.at("securityContext.runAsNonRoot") == .bool(true)), "\(item)")
        }
    }

    @Test func `asks for memory and processor, is bounded in memory, and probed where the program answers`() throws {
        for item in try DeployedContainer.all() {
            #expect(item.container.at("resources.requests.memory")?.text != nil, "\(item)")
            #expect(item.container.at("resources.requests.cpu")?.text != nil, "\(item)")
            #expect(item.container.at("resources.limits.memory")?.text != nil, "\(item)")
            #expect(item.container.at("resources.limits.cpu") == nil, "\(item)")
            guard !item.args.contains("--init-only") else { continue }
            let port = item.container["ports"]?.items.first { $0["name"]?.text == "healthz" }
            #expect(port?["containerPort"]?.whole == (item.isAgent ? 10256 : 10254), "\(item)")
            for (probe, path) in [("livenessProbe", "/livez"), ("readinessProbe", "/healthz")] {
                #expect(item.container.at("\(probe).httpGet.path")?.text == path, "\(item)")
                #expect(item.container.at("\(probe).httpGet.port")?.text == "healthz", "\(item)")
            }
        }
    }

    @Test func `is given options that its program declares`() throws {
        for item in try DeployedContainer.all() {
            let declared = try options(of: item.isAgent ? "fairlead-agent" : "fairlead-gateway")
            for arg in item.args { expectDeclared(arg, declared, item.description) }
        }
        let patched = try ConfigurationTree.paths(below: "configs/kubernetes/gateway", ending: "kustomization.yaml")
            .map(ConfigurationTree.text).joined()
        let gateway = try options(of: "fairlead-gateway")
        for match in patched.matches(of: /value: (--\S+)/) { expectDeclared(String(match.1), gateway, "a component") }
    }

    @Test func `of systemd is given options that its program declares`() throws {
        for name in ["fairlead-agent", "fairlead-gateway"] {
            let declared = try options(of: name)
            let unit = try ConfigurationTree.text("configs/systemd/\(name).service")
            let commands = unit.matches(of: /(?m)^Exec\w+=\+?(\/usr\/local\/bin\/\S+)(.*)$/)
            #expect(!commands.isEmpty)
            for command in commands {
                #expect(command.1 == "/usr/local/bin/\(name)")
                for arg in command.2.split(separator: " ") where arg.hasPrefix("--") {
                    expectDeclared(String(arg), declared, name)
                }
            }
            #expect(unit.contains("\nUser=fairlead\n") && unit.contains("\nNoNewPrivileges=yes\n"))
        }
    }

    private func expectDeclared(_ arg: String, _ declared: Set<String>, _ place: String) {
        let name = arg.dropFirst(2).prefix { $0 != "=" }
        #expect(arg.hasPrefix("--") && declared.contains(String(name)), "\(place): \(arg)")
    }

    /// The names that a program's sources give as the first argument of a declaration.
    private func options(of program: String) throws -> Set<String> {
        let declaration =
            /(?:CommandOption(?:<[^>]*>+)?(?:\.list)?|CommandFlag|ConfigurationFlag|\b[a-z]\w*)\(\s*"([a-z][a-z0-9-]*)"\s*,/
        let names = try ConfigurationTree.sources(below: "Sources/\(program)").matches(of: declaration).map {
            String($0.1)
        }
        try #require(names.count > 10)
        return Set(names)
    }

    @Test func `of a gateway has the time to end that its options ask for`() throws {
        for item in try DeployedContainer.all() where !item.isAgent {
            let grace = try #require(item.value(of: "shutdown-grace-period").flatMap { Int64($0) })
            let drain = try #require(item.value(of: "drain-timeout").flatMap { Int64($0) })
            #expect(item.pod["terminationGracePeriodSeconds"]?.whole == grace + drain + 5, "\(item)")
            #expect(item.container["lifecycle"] == nil, "\(item)")
        }
        let unit = try ConfigurationTree.text("configs/systemd/fairlead-gateway.service")
        let drain = try #require(unit.firstMatch(of: /--drain-timeout=(\d+)/).flatMap { Int($0.1) })
        let stop = try #require(unit.firstMatch(of: /TimeoutStopSec=(\d+)/).flatMap { Int($0.1) })
        #expect(stop == drain + 5)
    }

    @Test func `of an agent finds the API server without a Service, on every node`() throws {
        let agent = try #require(try DeployedContainer.all().first { $0.isAgent && $0.container["ports"] != nil })
        #expect(agent.pod["hostNetwork"] == .bool(true))
        #expect(agent.pod["priorityClassName"]?.text == "system-node-critical")
        #expect(agent.pod["tolerations"]?.items == [.object([.init(name: "operator", value: .string("Exists"))])])
        let keys = agent.container["env"]?.items.compactMap { $0.at("valueFrom.configMapKeyRef.key")?.text } ?? []
        #expect(keys == ["KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"])
        let file = try ConfigurationTree.text("configs/kubernetes/agent/api-server.env")
        for key in keys { #expect(file.contains("\n\(key)=")) }
    }
}
