import KubernetesAPI
import NetworkAddress
import Testing

struct `An Ingress is read` {
    private func read(
        _ spec: ObjectValue,
        apiVersion: String = "networking.k8s.io/v1"
    ) throws -> (Ingress, [String]) {
        let result = decode([
            "apiVersion": .string(apiVersion), "kind": "Ingress",
            "metadata": ["name": "web", "annotations": ["a/b": "c"]], "spec": spec,
        ])
        guard case .ingress(let object) = try #require(result.objects.first) else {
            throw DecodingExpectation(message: "another kind")
        }
        return (object, result.problems.map { "\($0.field ?? ""): \($0.message)" })
    }

    private func path(_ path: ObjectValue, _ type: ObjectValue = "Prefix") -> ObjectValue {
        [
            "path": path, "pathType": type,
            "backend": ["service": ["name": "web", "port": ["number": 80]]],
        ]
    }

    private let web: Ingress.Backend

    init() throws { web = .service(name: "web", port: .number(try #require(Port(80)))) }

    @Test func `with its class, rules, certificates and default backend`() throws {
        let (object, problems) = try read([
            "ingressClassName": "nginx",
            "defaultBackend": ["service": ["name": "rest", "port": ["name": "http"]]],
            "tls": [["hosts": ["Foo.com", "*.foo.com"], "secretName": "foo"], ["hosts": nil]],
            "rules": [
                ["host": "Foo.com", "http": ["paths": [path("/a", "Exact"), path("/b")]]],
                ["http": ["paths": [["backend": ["resource": ["kind": "Bucket", "name": "x"]]]]]],
                ["host": "*.bar.com"],
            ],
        ])
        #expect(problems == [])
        #expect(object.annotations == ["a/b": "c"])
        #expect(object.className == "nginx")
        #expect(object.defaultBackend == .service(name: "rest", port: .name("http")))
        #expect(
            object.tls == [
                Ingress.TLS(position: 0, hosts: ["foo.com", "*.foo.com"], secretName: "foo"), Ingress.TLS(position: 1),
            ]
        )
        #expect(
            object.rules == [
                Ingress.Rule(
                    position: 0,
                    host: "foo.com",
                    paths: [
                        Ingress.Path(position: 0, path: "/a", type: .exact, backend: web),
                        Ingress.Path(position: 1, path: "/b", type: .prefix, backend: web),
                    ]
                ),
                Ingress.Rule(
                    position: 1,
                    paths: [
                        Ingress.Path(
                            position: 0,
                            path: "/",
                            type: .implementationSpecific,
                            backend: .resource(kind: "Bucket", name: "x")
                        )
                    ]
                ),
                Ingress.Rule(position: 2, host: "*.bar.com"),
            ]
        )
    }

    @Test(arguments: ["networking.k8s.io/v1beta1", "extensions/v1beta1"])
    func `in its older shapes`(_ apiVersion: String) throws {
        let (object, problems) = try read(
            [
                "backend": ["serviceName": "rest", "servicePort": "http"],
                "rules": [
                    ["http": ["paths": [["path": "/a", "backend": ["serviceName": "web", "servicePort": 80]]]]]
                ],
            ],
            apiVersion: apiVersion
        )
        #expect(problems == [])
        #expect(object.defaultBackend == .service(name: "rest", port: .name("http")))
        #expect(object.rules.first?.paths == [Ingress.Path(path: "/a", type: .implementationSpecific, backend: web)])
    }

    @Test(
        arguments: [
            (["rules": [7]], "spec.rules[0]: the integer 7 stands where an object is expected; this rule is left out"),
            (
                ["rules": [["host": "foo..com"]]],
                #"spec.rules[0].host: "foo..com" is no host name: labels of letters, digits and hyphens between dots, "#
                    + "of which the first may be *; this rule is left out"
            ),
            (
                ["rules": [["host": "a.*.com"]]],
                #"spec.rules[0].host: "a.*.com" is no host name: labels of letters, digits and hyphens between dots, "#
                    + "of which the first may be *; this rule is left out"
            ),
            (
                ["rules": [["host": "10.0.0.1"]]],
                #"spec.rules[0].host: "10.0.0.1" is an address where a host name is expected; this rule is left out"#
            ),
            (
                ["rules": [["http": ["paths": "x"]]]],
                #"spec.rules[0].http.paths: the text "x" stands where a list is expected; this rule is left out"#
            ),
            (
                ["tls": [["hosts": ["-x"]]]],
                #"spec.tls[0].hosts[0]: "-x" is no host name: labels of letters, digits and hyphens between dots, "#
                    + "of which the first may be *; this entry is left out"
            ),
            (
                ["defaultBackend": ["service": ["name": "x"]]],
                "spec.defaultBackend.service.port.number: the port is missing; the default backend is left out"
            ),
        ] as [(ObjectValue, String)]
    )
    func `without what is broken`(_ spec: ObjectValue, _ problem: String) throws {
        let (_, problems) = try read(spec)
        #expect(problems == [problem])
    }

    @Test(
        arguments: [
            (["path": "a", "pathType": "Prefix"], #"path: "a" does not begin with a slash"#),
            (["path": "", "pathType": "Exact"], #"path: "" does not begin with a slash"#),
            (["path": "a", "pathType": "ImplementationSpecific"], #"path: "a" does not begin with a slash"#),
            (["path": "/a//b", "pathType": "Prefix"], #"path: "/a//b" contains //, which no normalised path has"#),
            (["path": "/a/..", "pathType": "Exact"], #"path: "/a/.." contains /.., which no normalised path has"#),
            (["path": "/a%2Fb", "pathType": "Prefix"], #"path: "/a%2Fb" contains %2F, which no normalised path has"#),
            (["path": "/a\nb"], #"path: "/a\nb" contains a control character"#),
            (
                ["path": "/a", "pathType": "Regex"],
                #"pathType: "Regex" is none of Exact, Prefix, ImplementationSpecific"#
            ),
            (["path": "/a", "backend": [:]], "backend.service: the Service is missing"),
            (["path": "/a", "backend": ["service": [:]]], "backend.service.name: the name is missing"),
            (
                ["path": "/a", "backend": ["service": ["name": "x", "port": ["number": 70000]]]],
                "backend.service.port.number: 70000 is not between 1 and 65535"
            ),
            (
                ["path": "/a", "backend": ["service": ["name": "x", "port": ["number": 80, "name": "x"]]]],
                "backend.service.port.name: it stands beside a number, and a port is one of them"
            ),
            (
                ["path": "/a", "backend": ["service": ["name": "x"], "resource": ["kind": "x", "name": "x"]]],
                "backend.resource: it stands beside a Service, and a backend is one of them"
            ),
            (["path": "/a", "backend": ["serviceName": "x"]], "backend.servicePort: the port is missing"),
        ] as [(ObjectValue, String)]
    )
    func `without a path that is broken, which harms no other`(_ broken: ObjectValue, _ problem: String) throws {
        guard case .object(var members) = broken else { return }
        if broken["backend"] == nil {
            let backend: ObjectValue = ["service": ["name": "web", "port": ["number": 80]]]
            members.append(ObjectValue.Member(name: "backend", value: backend))
        }
        let (object, problems) = try read(["rules": [["http": ["paths": [.object(members), path("/ok")]]]]])
        #expect(problems == ["spec.rules[0].http.paths[0].\(problem); this path is left out"])
        #expect(object.rules.first?.paths.map(\.position) == [1])
    }

    @Test func `not where it has no spec that is an object`() {
        let result = decode([
            "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": ["name": "web"], "spec": "x",
        ])
        #expect(result.objects == [])
        #expect(result.leftOut.map(\.description) == ["Ingress default/web"])
    }
}

struct `An IngressClass is read` {
    @Test(arguments: [("true", true), ("false", false), ("yes", false)])
    func `with its controller`(_ annotation: String, _ isDefault: Bool) throws {
        let result = decode([
            "apiVersion": "networking.k8s.io/v1", "kind": "IngressClass",
            "metadata": [
                "name": "nginx", "annotations": ["ingressclass.kubernetes.io/is-default-class": .string(annotation)],
            ],
            "spec": ["controller": "k8s.io/ingress-nginx", "parameters": ["kind": "x"]],
        ])
        guard case .ingressClass(let object) = try #require(result.objects.first) else {
            throw DecodingExpectation(message: "another kind")
        }
        #expect(object.controller == "k8s.io/ingress-nginx")
        #expect(object.isDefault == isDefault)
        #expect(object.metadata.namespace == "")
    }
}

struct `A ConfigMap and a Namespace are read` {
    @Test func `with their data and labels`() throws {
        let map = decode([
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "x"], "data": ["a": "1", "b": nil],
        ])
        guard case .configMap(let object) = try #require(map.objects.first) else {
            throw DecodingExpectation(message: "another kind")
        }
        #expect(object.data == ["a": "1", "b": ""])
        let namespace = decode([
            "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "x", "labels": ["team": "a"]],
        ])
        #expect(namespace.objects.first?.metadata.labels == ["team": "a"])
    }

    @Test func `not with a number where text belongs`() {
        let map = decode(["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "x"], "data": ["a": 1]])
        #expect(map.objects == [])
        #expect(map.problems.map(\.field) == ["data[a]"])
    }
}
