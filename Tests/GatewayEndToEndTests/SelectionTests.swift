import LabKit
import NetworkAddress
import Testing

/// Objects of other shapes and the options that choose among them (A.3, A.4 and A.10).
@Suite(.needsLab)
struct SelectionTests {
    @Test func `Ingresses of older versions and lists in JSON are served like those of today`() throws {
        let gateway = try GatewayLab(options: ["--workers", "1"])
        try gateway.service("web", 1)
        try gateway.put([
            Manifest.ingressClass("nginx"),
            """
            apiVersion: networking.k8s.io/v1beta1
            kind: Ingress
            metadata: {name: beta, annotations: {kubernetes.io/ingress.class: nginx}}
            spec:
              rules:
              - host: beta
                http: {paths: [{path: /a, backend: {serviceName: web, servicePort: 80}}]}

            """,
            """
            apiVersion: extensions/v1beta1
            kind: Ingress
            metadata: {name: older, namespace: default, annotations: {kubernetes.io/ingress.class: nginx}}
            spec: {backend: {serviceName: web, servicePort: http}}

            """,
        ])
        try gateway.put(
            #"""
            {"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
             "metadata": {"name": "json", "namespace": "default"}, "spec": {"ingressClassName": "nginx", "rules": [
              {"host": "json", "http": {"paths": [{"path": "/", "pathType": "Prefix",
               "backend": {"service": {"name": "web", "port": {"name": "http"}}}}]}}]}}]}
            """#,
            in: "list.json"
        )
        try gateway.start()
        for (host, target) in [("beta", "/a/b"), ("json", "/"), ("anything", "/")] {
            #expect(try gateway.ask(target, host: host).text == "web", "\(host)")
        }
        #expect(try gateway.ask("/b", host: "beta").status == 404)
    }

    @Test func `The conformance suite's host with TLS is served in clear where redirects are off`() throws {
        let gateway = try GatewayLab(options: ["--workers", "1"])
        try gateway.service("web", 1)
        try gateway.put([
            Manifest.ingressClass("nginx"), try gateway.tlsSecret("tls", names: ["foo.bar.com"]),
            Manifest.ingress(
                "foo",
                host: "foo.bar.com",
                [.prefix("/", to: "web")],
                annotations: ["ssl-redirect": "false"],
                secret: "tls"
            ),
        ])
        try gateway.start()
        #expect(try gateway.ask(host: "foo.bar.com").text == "web")
        // The certificate verifies for the name.
        let verified = try gateway.curl(["--cacert", "\(gateway.lab.directory)/tls.crt", "https://foo.bar.com/x"])
        #expect(verified.isSuccess && verified.output == "web", "\(verified)")
        #expect(gateway.pods[0].requests.last?["Host"] == "foo.bar.com")
    }

    /// An option, and which hosts are served with it.
    struct Option: CustomStringConvertible {
        let description: String
        let options: [String]
        let served: Set<String>
    }

    @Test(
        arguments: [
            Option(description: "all", options: [], served: ["here", "there", "any"]),
            Option(description: "one namespace", options: ["--watch-namespace", "far"], served: ["there"]),
            Option(description: "no catch-all", options: ["--disable-catch-all"], served: ["here", "there"]),
            Option(
                description: "classless too",
                options: ["--watch-ingress-without-class"],
                served: ["here", "there", "any", "free"]
            ),
            Option(
                description: "a class by name",
                options: ["--ingress-class-by-name", "--ingress-class", "else"],
                served: ["here", "there", "any", "else"]
            ),
            Option(description: "a controller", options: ["--controller-class", "example.com/else"], served: ["else"]),
        ]
    )
    func `Options choose among Ingresses`(option: Option) throws {
        let gateway = try GatewayLab(options: ["--workers", "1"] + option.options)
        try gateway.service("web", 1)
        func ingress(_ host: String, namespace: String = "default", className: String? = "nginx") -> String {
            Manifest.ingress(host, host: host, [.prefix("/", to: "web")], namespace: namespace, className: className)
        }
        try gateway.put([
            Manifest.ingressClass("nginx"), Manifest.ingressClass("else", controller: "example.com/else"),
            Manifest.service("web", namespace: "far"),
            Manifest.endpoints("web", [GatewayLab.podAddress(1)], namespace: "far"),
            ingress("here"), ingress("there", namespace: "far"), ingress("free", className: nil),
            ingress("else", className: "else"), Manifest.ingress("any", [], defaultBackend: "web"),
        ])
        try gateway.start()
        for host in ["here", "there", "any", "free", "else"] {
            // With a catch-all every host is answered by it.
            let expected = option.served.contains(host) || option.served.contains("any") ? 200 : 404
            #expect(try gateway.ask(host: host).status == expected, "\(host)")
        }
    }

    @Test func `A Service may be asked at its own address`() throws {
        // Bound to one address, so that the port is free at others.
        let gateway = try GatewayLab(options: ["--workers", "1", "--bind-address", GatewayLab.address])
        try gateway.pod("cluster", 9, port: 80)
        try gateway.put([
            Manifest.ingressClass("nginx"),
            Manifest.service("web", spec: ["clusterIP: \(GatewayLab.podAddress(9))"]),
            Manifest.endpoints("web", [GatewayLab.podAddress(1)]),
            Manifest.ingress("web", host: "web", [.prefix("/", to: "web")], annotations: ["service-upstream": "true"]),
        ])
        try gateway.start()
        #expect(try gateway.ask(host: "web").text == "cluster")
    }

    @Test func `Clients come over the sixth version too`() throws {
        let (gateway, pod) = try GatewayLab.web()
        let stream = try gateway.connect(to: "fd00:1::1", from: "fd00:1::9")
        try stream.send(GatewayLab.request(host: "web"))
        #expect(try stream.readResponse()?.status == 200)
        #expect(pod.requests[0]["X-Real-IP"] == "fd00:1::9")
        #expect(pod.requests[0]["X-Forwarded-For"] == "fd00:1::9")
    }
}
