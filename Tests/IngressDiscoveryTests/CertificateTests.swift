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

    /// Secrets that hold no pair that can be used, and why.
    static let broken: [(KubernetesObject, String)] = [
        (failures[1].secret ?? TestCertificate.foo.secret("foo"), "has no tls.key"),
        (
            failures[2].secret ?? TestCertificate.foo.secret("foo"),
            "holds no pair that can be used: the private key does not belong to the certificate"
        ),
        (.secret(Secret(metadata: metadata("foo"), values: [:])), "has no tls.crt"),
    ]

    @Test(arguments: broken) func `stays when its Secret becomes unusable`(_ broken: KubernetesObject, _ reason: String)
    {
        var world = world(["foo": .foo])
        world.settle(
            ingress("a", "foo.com", [path("/")], tls: [entry(["foo.com"], "foo")]),
            ingress("b", "x.foo.com", [path("/")], tls: [entry([], "foo")])
        )
        let problem =
            "OutdatedCertificate: spec.tls[0].secretName: Secret demo/foo \(reason); the certificate that it held before is "
            + "presented"
        // Twice in a row, and with another reason between, it is still the last good one.
        for secret in [broken, Self.broken[2].0, Self.broken[0].0, broken] {
            world.add(secret)
            world.compile()
            // Nobody's handshakes notice.
            #expect(world.last.certificates == nil)
            #expect(world.reasons == ["OutdatedCertificate", "OutdatedCertificate"])
        }
        #expect(world.problems == [problem, problem])
        #expect(world.directory.certificateUses.first { $0.host == "foo.com" }?.secret == NamespacedName("demo", "foo"))
        // What is new beside it has it too.
        world.settle(ingress("c", "y.foo.com", [path("/")], tls: [entry(["y.foo.com"], "foo")]))
        #expect(presented(world, "y.foo.com") == ["foo.com ecdsa"])
        // The next good one takes its place, and what is wrong with it is told as ever.
        world.settle(TestCertificate.fooRSA.secret("foo"))
        #expect(presented(world, "foo.com") == ["foo.com rsa"])
        #expect(world.problems == [])
        world.settle(TestCertificate.bar.secret("foo"))
        #expect(presented(world, "foo.com") == [])
        #expect(world.reasons == Array(repeating: "CertificateMismatch", count: 3))
    }

    @Test func `does not outlive its Secret or its use`() {
        let use = ingress("a", "foo.com", [path("/")], tls: [entry(["foo.com"], "foo")])
        var deleted = world(["foo": .foo])
        deleted.settle(use)
        deleted.remove(.secret, "foo")
        deleted.settle(Self.broken[0].0)
        #expect(presented(deleted, "foo.com") == [])
        #expect(deleted.reasons == ["InvalidCertificate"])

        var unused = world(["foo": .foo])
        unused.settle(use)
        unused.settle(Self.broken[0].0)
        unused.remove(.ingress, "a")
        unused.compile()
        unused.settle(use)
        #expect(unused.last.certificates == nil)
        #expect(unused.reasons == ["InvalidCertificate"])
    }

    @Test func `of no host stays when its Secret becomes unusable`() throws {
        var settings = IngressSettings()
        settings.defaultCertificate = NamespacedName("demo", "foo")
        var world = world(["foo": .foo], settings: settings)
        // A host that has it too, and goes, takes nothing from it.
        world.settle(ingress("a", "foo.com", [path("/")], tls: [entry(["foo.com"], "foo")]))
        world.remove(.ingress, "a")
        world.compile()
        world.settle(Self.broken[1].0)
        #expect(world.last.certificates == nil)
        #expect(
            world.problems == [
                "OutdatedCertificate: : the Secret of the default certificate holds no pair that can be used: the private key "
                    + "does not belong to the certificate; the certificate that it held before is presented"
            ]
        )
        world.remove(.secret, "foo")
        world.compile()
        #expect(try #require(world.last.certificates).fallback.certificates.isEmpty)
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
