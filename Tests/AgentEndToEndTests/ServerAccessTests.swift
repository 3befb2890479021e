import APIServerTestKit
import LabKit
import NetworkAddress
import TLS
import Testing

/// How the agent finds its API server and is let in.
@Suite(.needsLab)
struct `The way to an API server` {
    /// Runs the agent in a pod: with an account in its place, which only this process sees, and the pod's environment.
    private func podCommand(_ lab: ServerLab, account: String, _ more: [String]) throws -> [String] {
        let folder = "/var/run/secrets/kubernetes.io/serviceaccount"
        let script =
            "mount -t tmpfs none /var/run; mkdir -p \(folder); mount --bind \(account) \(folder); "
            + "KUBERNETES_SERVICE_HOST=127.0.0.1 KUBERNETES_SERVICE_PORT=\(lab.server.port) exec \"$@\""
        lab.access = []
        return ["sh", "-ec", script, "sh"] + (try lab.command(more))
    }

    @Test func `is the account of a pod, whose token and authorities are read again`() throws {
        let scratch = try Lab()
        let account = try scratch.makeDirectory("account")
        let issue = """
            cd \(account)
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=kubernetes \
              -keyout ../ca.key -out ca.crt
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=apiserver -keyout ../tls.key -out ../tls.csr
            echo subjectAltName=IP:127.0.0.1 > ../tls.ext
            openssl x509 -req -days 2 -in ../tls.csr -CA ca.crt -CAkey ../ca.key -CAcreateserial -CAserial ../serial \
              -extfile ../tls.ext -out ../tls.crt
            echo -n first > token
            """
        try scratch.runSuccessfully(["sh", "-e"], input: issue)
        func bytes(_ file: String) throws -> [UInt8] {
            Array(try scratch.runSuccessfully(["cat", "\(scratch.directory)/\(file)"]).utf8)
        }
        let certificate = try TLSCertificate(chain: bytes("tls.crt"), key: bytes("tls.key"))
        var behaviour = ServerBehaviour()
        behaviour.tokens = ["first"]
        let lab = try ServerLab(pods: 2, behaviour: behaviour, security: .init(certificate: certificate))
        let web = ServiceManifest(to: [lab.base.pod(1)])
        lab.put(web)
        let agent = try lab.base.lab.start(
            podCommand(lab, account: account, []),
            in: lab.base.node,
            ready: "ready services=1"
        )
        #expect(agent.output.contains("following the API server server=https://127.0.0.1:\(lab.server.port)"))
        lab.server.behave { $0.tokens = ["second"] }
        try scratch.write("second", to: "account/token")
        lab.server.hangUp()
        lab.put(ServiceManifest(to: lab.base.cluster.pods))
        #expect(try lab.answers(web, .ipv4, with: ["web-1", "web-2"]))

        let bare = try scratch.makeDirectory("bare")
        let refused = try lab.base.lab.run(podCommand(lab, account: bare, ["--once"]), in: lab.base.node)
        #expect(refused.status == 2)
        #expect(refused.error.contains("automountServiceAccountToken"), "\(refused.error)")
    }

    @Test func `stands in the configuration file of kube-proxy`() throws {
        let lab = try ServerLab()
        lab.put(ServiceManifest(to: [lab.base.pod(1)]))
        let file = try lab.base.lab.write(
            """
            apiVersion: kubeproxy.config.k8s.io/v1alpha1
            kind: KubeProxyConfiguration
            clientConnection:
              kubeconfig: \(try lab.writeKubeconfig())
              contentType: application/vnd.kubernetes.protobuf
              qps: 50
              burst: 100
            clusterCIDR: 10.244.0.0/16

            """,
            to: "config.conf"
        )
        lab.access = ["--config", file]
        lab.options = []
        let result = try lab.runAgent(["--dry-run"])
        #expect(result.isSuccess, "\(result.error)")
        #expect(result.output.contains("default/web:tcp"))
        #expect(!result.error.contains("without effect"), "\(result.error)")
    }

    @Test func `can be another one than the kubeconfig says`() throws {
        let lab = try ServerLab()
        lab.put(ServiceManifest(to: [lab.base.pod(1)]))
        let file = try lab.base.lab.write(
            """
            current-context: a
            clusters: [{name: a, cluster: {server: "http://127.0.0.1:1"}}]
            contexts: [{name: a, context: {cluster: a}}]

            """,
            to: "elsewhere"
        )
        lab.access = ["--kubeconfig", file, "--master", "http://127.0.0.1:\(lab.server.port)"]
        #expect(try lab.runAgent(["--dry-run"]).output.contains("default/web:tcp"))
        lab.access = ["--master", "http://127.0.0.1:\(lab.server.port)"]
        #expect(try lab.runAgent(["--dry-run"]).output.contains("default/web:tcp"))
    }

    @Test(arguments: [
        ("", "it holds no document"),
        ("kind: Pod", "kind: \"Pod\" is not Config"),
        ("kind: Config", "current-context: no context is chosen"),
        ("current-context: a\ncontexts: [{name: a, context: {cluster: b}}]", "\"b\" is not among the clusters"),
    ])
    func `is told from a file that leads nowhere, with 1`(text: String, message: String) throws {
        let lab = try Lab()
        let file = try lab.write(text, to: "kubeconfig")
        let agent = try LabPrograms.path(of: "fairlead-agent")
        let result = try lab.run([agent, "--kubeconfig", file, "--once"])
        #expect(result.status == 1)
        #expect(result.error.contains(message), "\(result.error)")
        let missing = try lab.run([agent, "--kubeconfig", "\(file)-missing", "--once"])
        #expect(missing.status == 1)
        #expect(missing.error.contains("\(file)-missing cannot be read: "), "\(missing.error)")
    }
}
