import KubernetesAPI
import Manifests
import Testing

@testable import KubeConfig

struct `A kubeconfig file` {
    private static let whole = """
        apiVersion: v1
        kind: Config
        current-context: prod
        contexts:
        - name: prod
          context: {cluster: prod, user: node, namespace: team}
        - name: lab
          context: {cluster: lab, user: ""}
        clusters:
        - name: lab
          cluster: {server: "http://127.0.0.1:8080/", insecure-skip-tls-verify: true}
        - name: prod
          cluster:
            server: https://api.example.com:6443/base/
            tls-server-name: kubernetes
            certificate-authority: pki/ca.crt
        users:
        - name: node
          user:
            client-certificate-data: Y2VydA==
            client-key: /etc/node.key
            tokenFile: token
        """

    private func access(_ text: String, context: String? = nil) throws -> ClusterAccess {
        let document = try SingleDocument(of: Array(text.utf8), name: "/etc/kubernetes/kubelet.conf")
        return try KubeConfig.access(from: document.value, file: "/etc/kubernetes/kubelet.conf", context: context)
    }

    @Test func `says where the server is and how to be let in`() throws {
        let access = try access(Self.whole)
        #expect(access.server == ServerAddress(host: "api.example.com", port: 6443, basePath: "/base"))
        #expect(access.server.description == "https://api.example.com:6443/base")
        #expect(access.serverName == "kubernetes")
        #expect(access.authorities == .file("/etc/kubernetes/pki/ca.crt"))
        #expect(access.clientCertificate?.certificate == .bytes(Array("cert".utf8)))
        #expect(access.clientCertificate?.key == .file("/etc/node.key"))
        #expect(access.credential == .tokenFile("/etc/kubernetes/token"))
        #expect(access.namespace == "team")
        #expect(!access.skipsVerification)
    }

    @Test func `has several contexts`() throws {
        let access = try access(Self.whole, context: "lab")
        #expect(access.server == ServerAddress(isSecure: false, host: "127.0.0.1", port: 8080))
        #expect(access.skipsVerification)
        #expect(access.credential == .none)
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        let replace: String
        let with: String
        let error: String
        var testDescription: String { error }
    }

    @Test(arguments: [
        Mistake(
            replace: "current-context: prod",
            with: "",
            error: "current-context: no context is chosen; set one with kubectl config use-context"
        ),
        Mistake(
            replace: "current-context: prod",
            with: "current-context: x",
            error: "current-context: \"x\" is not among the contexts"
        ),
        Mistake(replace: "kind: Config", with: "kind: Pod", error: "kind: \"Pod\" is not Config"),
        Mistake(
            replace: "cluster: prod, user",
            with: "cluster: none, user",
            error: "contexts[0].context.cluster: \"none\" is not among the clusters"
        ),
        Mistake(
            replace: "user: node",
            with: "user: nobody",
            error: "contexts[0].context.user: \"nobody\" is not among the users"
        ),
        Mistake(
            replace: "https://api.example.com:6443/base/",
            with: "ftp://x",
            error: "clusters[1].cluster.server: \"ftp://x\" is no address such as https://10.0.0.1:6443"
        ),
        Mistake(
            replace: "https://api.example.com:6443/base/",
            with: "https://x:0",
            error: "clusters[1].cluster.server: \"https://x:0\" is no address such as https://10.0.0.1:6443"
        ),
        Mistake(
            replace: "tls-server-name: kubernetes",
            with: "proxy-url: http://proxy",
            error:
                "clusters[1].cluster.proxy-url: proxies are not supported; a node reaches its API server directly, so remove the field"
        ),
        Mistake(
            replace: "tls-server-name: kubernetes",
            with: "insecure-skip-tls-verify: true",
            error:
                "clusters[1].cluster.insecure-skip-tls-verify: a certificate authority is given as well; remove one of the two"
        ),
        Mistake(
            replace: "tls-server-name: kubernetes",
            with: "insecure-skip-tls-verify: \"yes\"",
            error:
                "clusters[1].cluster.insecure-skip-tls-verify: the text \"yes\" stands where true or false is expected"
        ),
        Mistake(
            replace: "Y2VydA==",
            with: "Y2VydA=",
            error: "users[0].user.client-certificate-data: this is no base64"
        ),
        Mistake(
            replace: "    client-key: /etc/node.key\n",
            with: "",
            error: "users[0].user.client-key: the key of the client certificate is missing"
        ),
        Mistake(
            replace: "tokenFile: token",
            with: "token: \"a b\"",
            error: "users[0].user.token: there are characters in it that no token has"
        ),
        Mistake(
            replace: "tokenFile: token",
            with: "auth-provider: {name: gcp}",
            error: "users[0].user.auth-provider: this is not supported; use a token, a client certificate or exec"
        ),
        Mistake(
            replace: "tokenFile: token",
            with: "tokenFile: 5",
            error: "users[0].user.tokenFile: the integer 5 stands where text is expected"
        ),
        Mistake(
            replace: "tokenFile: token",
            with: "exec: {command: x}",
            error: "users[0].user.exec.apiVersion: it is missing; write client.authentication.k8s.io/v1"
        ),
        Mistake(
            replace: "tokenFile: token",
            with: "exec: {command: x, apiVersion: v7}",
            error:
                "users[0].user.exec.apiVersion: \"v7\" is none of client.authentication.k8s.io/v1, client.authentication.k8s.io/v1beta1"
        ),
        Mistake(
            replace: "tokenFile: token",
            with: "exec: {apiVersion: client.authentication.k8s.io/v1}",
            error: "users[0].user.exec.command: the program is missing"
        ),
        Mistake(
            replace: "tokenFile: token",
            with: "exec: {apiVersion: client.authentication.k8s.io/v1, command: x, interactiveMode: Always}",
            error: "users[0].user.exec.interactiveMode: a daemon has nobody to ask; use IfAvailable or Never"
        ),
    ])
    func `names the file and the field of a mistake`(_ mistake: Mistake) throws {
        let parts = Self.whole.split(separator: mistake.replace, maxSplits: 1, omittingEmptySubsequences: false)
        try #require(parts.count == 2, "the text to replace is there")
        let text = parts.joined(separator: mistake.with)
        let error = #expect(throws: KubeConfigError.self) { try access(text) }
        #expect(error?.description == "/etc/kubernetes/kubelet.conf: \(mistake.error)")
    }

    @Test func `names a program that gives credentials`() throws {
        let exec = """
            exec:
              apiVersion: client.authentication.k8s.io/v1beta1
              command: ./get-token
              args: [--cluster, prod]
              env: [{name: A, value: b}]
              installHint: install get-token
              provideClusterInfo: true
            """.split(separator: "\n").joined(separator: "\n      ")
        let parts = Self.whole.split(separator: "tokenFile: token")
        let access = try access(parts[0] + exec + "\n")
        guard case .exec(let plugin) = access.credential else {
            Issue.record("\(access.credential) is no exec plugin")
            return
        }
        #expect(plugin.command == "/etc/kubernetes/./get-token")
        #expect(plugin.arguments == ["--cluster", "prod"])
        #expect(plugin.environment == ["A": "b"])
        #expect(plugin.installHint == "install get-token")
        #expect(
            plugin.input(for: access)
                == #"{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","spec":{"interactive":false,"#
                + #""cluster":{"server":"https://api.example.com:6443/base","tls-server-name":"kubernetes"}}}"#
        )
    }

    @Test(arguments: [
        ("https://10.0.0.1", "https://10.0.0.1", 443), ("10.0.0.1:6443", "http://10.0.0.1:6443", 6443),
        ("HTTPS://[fd00::1]:6443/", "https://[fd00::1]:6443", 6443), ("https://[fd00::1]", "https://[fd00::1]", 443),
        ("https://a.b/c/d", "https://a.b/c/d", 443),
    ])
    func `has an address that may be written in many ways`(_ text: String, _ printed: String, _ port: UInt16) {
        #expect(ServerAddress(parsing: text)?.description == printed)
        #expect(ServerAddress(parsing: text)?.port == port)
    }

    @Test(arguments: [
        "", "https://", "https://a:b", "https://user@host", "https://a?b", "https://a b", "https://a:70000",
        "unix:///x",
    ])
    func `has no such address`(_ text: String) { #expect(ServerAddress(parsing: text) == nil) }
}

struct `The account of a pod` {
    @Test func `is where Kubernetes puts it`() throws {
        let variables = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"]
        let access = try ClusterAccess.inCluster { variables[$0] }
        #expect(access.server.description == "https://[fd00::1]")
        #expect(access.authorities == .file("/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"))
        #expect(access.credential == .tokenFile("/var/run/secrets/kubernetes.io/serviceaccount/token"))
    }

    @Test func `is nowhere outside of one`() {
        let error = #expect(throws: KubeConfigError.self) { try ClusterAccess.inCluster { _ in nil } }
        #expect(
            error?.description == "environment: KUBERNETES_SERVICE_HOST: it is not set, so this is no pod; "
                + "name a file with --kubeconfig or --manifests"
        )
    }
}

struct `The credentials of a program` {
    private let plugin = ExecPlugin(apiVersion: "client.authentication.k8s.io/v1", command: "get-token")

    private func credential(_ status: String) throws -> ExecCredential {
        let text = #"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":\#(status)}"#
        return try ExecCredential(try SingleDocument(of: Array(text.utf8), name: "output").value, from: plugin)
    }

    @Test func `are a token, a certificate or both, for some time`() throws {
        let both = try credential(
            #"{"token":"t","clientCertificateData":"c","clientKeyData":"k","expirationTimestamp":"2026-05-04T03:02:01Z"}"#
        )
        #expect(both.token == "t")
        #expect(both.clientCertificate?.key == .bytes(Array("k".utf8)))
        #expect(both.expirySeconds == 1_777_863_721)
        #expect(try credential(#"{"token":"t"}"#).expirySeconds == nil)
    }

    @Test(arguments: [
        ("{}", "status.token: there is neither a token nor a certificate"),
        (#"{"clientKeyData":"k"}"#, "status.clientCertificateData: the certificate of the key is missing"),
        (#"{"token":"t","expirationTimestamp":"soon"}"#, "status.expirationTimestamp: \"soon\" is no time of RFC 3339"),
        ("null", "status: there are no credentials"),
    ])
    func `are refused with a reason`(_ status: String, _ reason: String) {
        let error = #expect(throws: KubeConfigError.self) { try credential(status) }
        #expect(error?.description == "the output of get-token: \(reason)")
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:00:00.123Z", 951_825_600), ("1969-12-31T23:59:59Z", -1),
            ("2026-05-04T05:02:01+02:00", 1_777_863_721), ("2026-05-03T21:02:01-06:00", 1_777_863_721),
        ] as [(String, Int64)]
    )
    func `end at a time`(_ text: String, _ seconds: Int64) { #expect(secondsSince1970(text) == seconds) }

    @Test(arguments: [
        "", "2026-05-04", "2026-05-04T03:02:01", "2026-13-04T03:02:01Z", "2026-05-04T03:02:01Zx",
        "2026-05-04T03:02:01+2",
    ])
    func `end at no such time`(_ text: String) { #expect(secondsSince1970(text) == nil) }

    @Test(arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar"])
    func `survive base64`(_ text: String) {
        let encoded = base64Encoded(Array(text.utf8))
        #expect(encoded.utf8.count % 4 == 0)
        #expect(base64Decoded(encoded) == Array(text.utf8))
    }
}
