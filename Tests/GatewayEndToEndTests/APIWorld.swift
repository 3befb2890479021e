import APIServerTestKit
import LabKit
import LinuxSystem
import NetworkAddress
import TLS
import Testing

/// A gateway that follows a stand-in API server on this machine, and one pod behind it.
final class APIWorld {
    enum Paths {
        static let ingresses = "/apis/networking.k8s.io/v1/ingresses"
        static let classes = "/apis/networking.k8s.io/v1/ingressclasses"
        static let services = "/api/v1/services"
        static let slices = "/apis/discovery.k8s.io/v1/endpointslices"
        static let secrets = "/api/v1/secrets"
    }

    let server: StandInAPIServer
    let lab: Lab
    private(set) var gateway: LabProcess?
    private var kubeconfig = ""
    private let ports: (http: Int, https: Int, health: Int, pod: Int)
    private let otherPorts: (http: Int, https: Int)

    init(_ other: StandInAPIServer? = nil) throws {
        server = try other ?? StandInAPIServer()
        lab = try Lab()
        // Found free by asking the kernel; they stay so until the programs ask for them a moment later.
        let found = try (0..<6).map { _ throws in
            try Socket.listening(on: IPAddress(127, 0, 0, 1), port: nil).localAddress()?.port.rawValue ?? 0
        }
        ports = (Int(found[0]), Int(found[1]), Int(found[2]), Int(found[3]))
        otherPorts = (Int(found[4]), Int(found[5]))
        _ = try lab.start(
            [
                try LabPrograms.path(of: "fairlead-echo"), "serve", "--name", "pod", "--http", "\(ports.pod)", "--bind",
                "127.0.0.1",
            ]
        )
        server.apply(
            StoredObject(
                namespace: "",
                name: "nginx",
                text:
                    #"{"metadata":{"name":"nginx","resourceVersion":"@version@"},"spec":{"controller":"k8s.io/ingress-nginx"}}"#
            ),
            to: Paths.classes
        )
        putService("web")
    }

    deinit { end() }

    func end() {
        lab.tearDown()
        server.stop()
    }

    /// Starts the gateway; it is not waited for.
    @discardableResult
    func start(_ options: [String] = []) throws -> LabProcess {
        let file = try lab.write(
            """
            apiVersion: v1
            kind: Config
            current-context: here
            contexts: [{name: here, context: {cluster: here, namespace: gateways}}]
            clusters: [{name: here, cluster: {server: "http://127.0.0.1:\(server.port.rawValue)"}}]
            """,
            to: "kubeconfig"
        )
        kubeconfig = file
        let process = try lab.start(
            [
                try LabPrograms.path(of: "fairlead-gateway"), "--kubeconfig", file, "--bind-address", "127.0.0.1",
                "--http-port", "\(ports.http)", "--https-port", "\(ports.https)", "--healthz-port", "\(ports.health)",
                "--workers", "1", "--access-log", "off", "-v", "4",
            ] + options
        )
        gateway = process
        return process
    }

    /// Starts the gateway as Kubernetes starts a pod: an account in its folder, and variables that name the server.
    ///
    /// The folder is mounted for the gateway alone.
    func startInPod(account: String) throws -> LabProcess {
        let folder = "/var/run/secrets/kubernetes.io/serviceaccount"
        let script =
            "mount -t tmpfs none /var/run; mkdir -p \(folder); mount --bind \(account) \(folder); "
            + "KUBERNETES_SERVICE_HOST=127.0.0.1 KUBERNETES_SERVICE_PORT=\(server.port.rawValue) "
            + "POD_NAME=gateway-0 POD_NAMESPACE=edge exec \"$@\""
        let process = try lab.start(
            ["unshare", "--mount", "--propagation", "private", "sh", "-ec", script, "sh"]
                + [
                    try LabPrograms.path(of: "fairlead-gateway"), "--bind-address", "127.0.0.1", "--http-port",
                    "\(ports.http)", "--https-port", "\(ports.https)", "--healthz-port", "\(ports.health)", "--workers",
                    "1", "--access-log", "off", "-v", "4",
                ]
        )
        gateway = process
        return process
    }

    /// Makes an authority, whose certificate comes into the folder of an account, and the server's certificate by it.
    static func issueCertificate(in lab: Lab, account: String) throws -> TLSCertificate {
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
        let script = """
            cd \(lab.directory)
            openssl req -x509 \(key) -days 2 -subj /CN=kubernetes -keyout ca.key -out \(account)/ca.crt
            openssl req \(key) -subj /CN=apiserver -keyout server.key -out server.csr
            echo subjectAltName=IP:127.0.0.1 > server.ext
            openssl x509 -req -days 2 -in server.csr -CA \(account)/ca.crt -CAkey ca.key -CAcreateserial \
              -CAserial serial -extfile server.ext -out server.crt
            """
        try lab.runSuccessfully(["sh", "-e"], input: script)
        func bytes(_ file: String) throws -> [UInt8] {
            Array(try lab.runSuccessfully(["cat", "\(lab.directory)/\(file)"]).utf8)
        }
        return try TLSCertificate(chain: bytes("server.crt"), key: bytes("server.key"))
    }

    /// Starts the gateway and waits until it serves.
    @discardableResult
    func startReady(_ options: [String] = []) throws -> LabProcess {
        let process = try start(options)
        try process.waitForLine(containing: "ready")
        return process
    }

    /// Starts another gateway beside the first.
    func startAnother(_ options: [String]) throws -> LabProcess {
        try lab.start(
            [
                try LabPrograms.path(of: "fairlead-gateway"), "--kubeconfig", kubeconfig, "--bind-address", "127.0.0.1",
                "--http-port", "\(otherPorts.http)", "--https-port", "\(otherPorts.https)", "--healthz-port", "0",
                "--workers", "1", "--access-log", "off", "-v", "4",
            ] + options
        )
    }

    /// The path of an Ingress's status.
    static func statusPath(_ name: String) -> String {
        "/apis/networking.k8s.io/v1/namespaces/default/ingresses/\(name)/status"
    }

    // MARK: - Objects

    func putService(_ name: String) {
        server.apply(
            StoredObject(
                name: name,
                text: #"{"metadata":{"name":"\#(name)","namespace":"default","resourceVersion":"@version@"},"#
                    + #""spec":{"ports":[{"name":"http","port":80,"targetPort":8080}],"clusterIP":"10.96.0.1"}}"#
            ),
            to: Paths.services
        )
        server.apply(
            StoredObject(
                name: "\(name)-1",
                labels: ["kubernetes.io/service-name": name],
                text: #"{"metadata":{"name":"\#(name)-1","namespace":"default","resourceVersion":"@version@","#
                    + #""labels":{"kubernetes.io/service-name":"\#(name)"}},"addressType":"IPv4","#
                    + #""endpoints":[{"addresses":["127.0.0.1"],"conditions":{"ready":true}}],"#
                    + #""ports":[{"name":"http","port":\#(ports.pod),"protocol":"TCP"}]}"#
            ),
            to: Paths.slices
        )
    }

    /// Puts the Service of the gateway itself, of type LoadBalancer.
    func putPublishedService(_ status: String) {
        server.apply(
            StoredObject(
                namespace: "gateways",
                name: "front",
                text: #"{"metadata":{"name":"front","namespace":"gateways","resourceVersion":"@version@"},"#
                    + #""spec":{"type":"LoadBalancer","ports":[{"port":80}],"clusterIP":"10.96.0.9"},"#
                    + #""status":{\#(status)}}"#
            ),
            to: Paths.services
        )
    }

    func putIngress(
        _ name: String,
        host: String,
        service: String = "web",
        secret: String? = nil,
        className: String = "nginx",
        published: String? = nil
    ) {
        let tls = secret.map { #""tls":[{"hosts":["\#(host)"],"secretName":"\#($0)"}],"# } ?? ""
        let status = published.map { #"{"ingress":[{"ip":"\#($0)"}]}"# } ?? "{}"
        server.apply(
            StoredObject(
                name: name,
                text: #"{"metadata":{"name":"\#(name)","namespace":"default","uid":"uid-\#(name)","#
                    + #""resourceVersion":"@version@","managedFields":[{"manager":"kubectl"}]},"#
                    + #""spec":{"ingressClassName":"\#(className)",\#(tls)"rules":[{"host":"\#(host)","http":{"paths":["#
                    + #"{"path":"/","pathType":"Prefix","backend":{"service":{"name":"\#(service)","port":{"number":80}}}}"#
                    + #"]}}]},"status":{"loadBalancer":\#(status)}}"#
            ),
            to: Paths.ingresses
        )
    }

    /// Puts a Secret with a new certificate for a host, whose subject is a name of choice.
    func putSecret(_ name: String, host: String, subject: String, type: String = "kubernetes.io/tls") throws {
        let (certificate, key) = ("\(lab.directory)/\(subject).crt", "\(lab.directory)/\(subject).key")
        try lab.runSuccessfully([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "30", "-subj", "/CN=\(subject)", "-addext", "subjectAltName=DNS:\(host)", "-keyout", key, "-out",
            certificate,
        ])
        func encoded(_ path: String) throws -> String { try lab.runSuccessfully(["base64", "-w", "0", path]) }
        server.apply(
            StoredObject(
                name: name,
                fields: ["type": type],
                text: #"{"metadata":{"name":"\#(name)","namespace":"default","resourceVersion":"@version@"},"#
                    + #""type":"\#(type)","data":{"tls.crt":"\#(try encoded(certificate))","#
                    + #""tls.key":"\#(try encoded(key))"}}"#
            ),
            to: Paths.secrets
        )
    }

    // MARK: - What is seen

    /// The status code that a host answers with; nil when nobody answers.
    func status(of host: String) throws -> Int? {
        try code("http://127.0.0.1:\(ports.http)/", host: host)
    }

    /// Whether the gateway says that it wants requests.
    func isHealthy() throws -> Bool { try code("http://127.0.0.1:\(ports.health)/healthz", host: "health") == 200 }

    private func code(_ url: String, host: String) throws -> Int? {
        let run = try lab.run([
            "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-m", "5", "-H", "Host: \(host)", url,
        ])
        return Int(run.output).flatMap { $0 == 0 ? nil : $0 }
    }

    /// The subject of the certificate that a host presents.
    func subject(of host: String) throws -> String {
        let shell =
            "openssl s_client -connect 127.0.0.1:\(ports.https) -servername \(host) </dev/null 2>/dev/null"
            + " | openssl x509 -noout -subject"
        return try lab.run(["sh", "-c", shell]).output.filter { !$0.isWhitespace }
    }

    /// Waits until something is so; false when that takes very long.
    func wait(_ limit: Duration = .seconds(60), until isSo: () throws -> Bool) rethrows -> Bool {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if try isSo() { return true }
            var none: [Readiness] = []
            _ = try? Readiness.wait(for: &none, timeout: .milliseconds(20))
        }
        return false
    }

    /// What was written by a method to paths with an end, in order.
    func writes(_ method: String, _ end: String) -> [ServerRequest] {
        server.requests.filter { $0.method == method && $0.path.hasSuffix(end) }
    }

    /// The reasons and texts of the Events so far.
    var events: [String] { writes("POST", "/events").map(\.body) }
}
