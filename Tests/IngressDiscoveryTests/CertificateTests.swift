import IngressDiscovery
import KubernetesAPI
import Routing
import TLS
import Testing

/// Pairs of certificate and key as PEM, made for these tests: for foo.com and *.foo.com (ECDSA, RSA), and bar.com (ECDSA).
struct `The certificate of a host` {
    private func world(
        _ secrets: [String: TestCertificate] = [:],
        settings: IngressSettings = IngressSettings()
    ) -> World {
        var world = World(settings)
        world.addService("web")
        for (name, certificate) in secrets { world.add(certificate.secret(name)) }
        return world
    }

    private func presented(_ world: World, _ host: String) -> [String] {
        (world.last.certificates ?? CertificateTable(fallback: CertificateTable.Host(certificates: [])))
            .host(for: Array(host.utf8).span)?.certificates.map { "\($0.names.first ?? "") \($0.keyType)" } ?? []
    }

    private func entry(_ hosts: [String], _ secret: String) -> Ingress.TLS {
        Ingress.TLS(hosts: hosts, secretName: secret)
    }

    @Test func `is that of the entry that names it`() {
        var world = world(["foo": .foo, "bar": .bar])
        world.settle(ingress("a", "foo.com", [path("/")], tls: [entry(["bar.com"], "bar"), entry(["foo.com"], "foo")]))
        #expect(presented(world, "foo.com") == ["foo.com ecdsa"])
        #expect(world.host("foo.com").hasCertificate)
        #expect(world.problems == [])
    }

    @Test func `is the first that covers it where no entry names it`() {
        var world = world(["foo": .foo, "bar": .bar])
        world.settle(ingress("a", "foo.com", [path("/")], tls: [entry([], "bar"), entry([], "foo")]))
        #expect(presented(world, "foo.com") == ["foo.com ecdsa"])
        #expect(world.problems == [])
    }

    @Test func `may be one for each kind of key`() {
        var world = world(["foo": .foo, "rsa": .fooRSA])
        world.settle(ingress("a", "foo.com", [path("/")], tls: [entry(["foo.com"], "foo"), entry(["foo.com"], "rsa")]))
        #expect(presented(world, "foo.com") == ["foo.com ecdsa", "foo.com rsa"])
        #expect(world.problems == [])
    }

    @Test func `stands for one label of a wildcard`() {
        var world = world(["foo": .foo])
        world.settle(
            ingress("a", "*.foo.com", [path("/")], tls: [entry(["*.foo.com"], "foo")]),
            ingress("b", "x.foo.com", [path("/")]),
            ingress("c", "x.bar.com", [path("/")])
        )
        #expect(presented(world, "y.foo.com") == ["foo.com ecdsa"])
        // The wildcard's certificate is the exact host's as well.
        #expect(world.host("x.foo.com").hasCertificate)
        #expect(!world.host("x.bar.com").hasCertificate)
        world.settle(ingress("a", "*.foo.com", [path("/")]))
        #expect(!world.host("x.foo.com").hasCertificate)
    }

    struct Failure: CustomTestStringConvertible {
        let name: String
        let secret: KubernetesObject?
        let problem: String
        var testDescription: String { name }
    }

    static func metadata(_ name: String) -> ObjectMetadata { ObjectMetadata(namespace: "demo", name: name) }

    static let failures = [
        Failure(
            name: "is missing",
            secret: nil,
            problem:
                "SecretNotFound: spec.tls[0].secretName: there is no Secret demo/foo; host foo.com gets the default certificate"
        ),
        Failure(
            name: "has no key",
            secret: .secret(
                Secret(metadata: metadata("foo"), values: [.certificate: Array(TestCertificate.foo.chain.utf8)])
            ),
            problem:
                "InvalidCertificate: spec.tls[0].secretName: Secret demo/foo has no tls.key; host foo.com gets the default certificate"
        ),
        Failure(
            name: "has another's key",
            secret: .secret(
                Secret(
                    metadata: metadata("foo"),
                    values: [
                        .certificate: Array(TestCertificate.foo.chain.utf8),
                        .privateKey: Array(TestCertificate.bar.key.utf8),
                    ]
                )
            ),
            problem:
                "InvalidCertificate: spec.tls[0].secretName: Secret demo/foo holds no pair that can be used: the private key "
                + "does not belong to the certificate; host foo.com gets the default certificate"
        ),
        Failure(
            name: "is for another host",
            secret: TestCertificate.bar.secret("foo"),
            problem:
                "CertificateMismatch: spec.tls[0].secretName: the certificate of Secret demo/foo is for bar.com; host foo.com "
                + "gets the default certificate"
        ),
    ]

    @Test(arguments: failures) func `is the default where the Secret`(_ one: Failure) {
        var world = world()
        if let secret = one.secret { world.add(secret) }
        world.settle(ingress("a", "foo.com", [path("/")], tls: [entry(["foo.com"], "foo")]))
        #expect(presented(world, "foo.com") == [])
        // HTTPS is still served, and asked for.
        #expect(world.host("foo.com").hasCertificate)
        #expect(world.problems == [one.problem])
        let work = {
            world.add(TestCertificate.foo.secret("foo"))
            return world.compile()
        }()
        #expect(presented(world, "foo.com") == ["foo.com ecdsa"])
        #expect(world.problems == [])
        #expect((work.hosts, work.certificates) == (0, 1))
    }

    @Test func `is the default where the entry names no Secret`() {
        var world = world()
        world.settle(ingress("a", "foo.com", [path("/")], tls: [entry(["foo.com"], "")]))
        #expect(world.host("foo.com").hasCertificate)
        #expect(world.problems == [])
    }

    @Test func `is that of the older Ingress`() {
        var world = world(["foo": .foo, "rsa": .fooRSA])
        world.settle(
            ingress("a", "foo.com", [path("/a")], age: "2024-01-01T00:00:00Z", tls: [entry(["foo.com"], "rsa")]),
            ingress("b", "foo.com", [path("/b")], age: "2023-01-01T00:00:00Z", tls: [entry(["foo.com"], "foo")])
        )
        #expect(presented(world, "foo.com") == ["foo.com ecdsa"])
        #expect(
            world.problems == [
                "Conflict: spec.tls[0].secretName: the certificate of host foo.com is already that of Ingress demo/b; this one "
                    + "is not presented"
            ]
        )
    }

    @Test func `goes with its Secret`() {
        var world = world(["foo": .foo])
        world.settle(ingress("a", "foo.com", [path("/")], tls: [entry(["foo.com"], "foo")]))
        world.remove(.secret, "foo")
        world.compile()
        #expect(presented(world, "foo.com") == [])
        #expect(world.reasons == ["SecretNotFound"])
    }

    @Test func `of no host is that of the command line`() throws {
        var settings = IngressSettings()
        settings.defaultCertificate = NamespacedName("demo", "bar")
        var world = world(settings: settings)
        world.compile()
        #expect(world.reasons == ["SecretNotFound"])
        world.settle(TestCertificate.bar.secret("bar"))
        #expect(try #require(world.last.certificates).fallback.certificates.first?.names == ["bar.com"])
        #expect(world.problems == [])
    }
}
