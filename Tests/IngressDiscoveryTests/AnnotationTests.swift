import HTTPSemantics
import IngressDiscovery
import KubernetesAPI
import LoadBalancing
import NetworkAddress
import Routing
import Testing

struct `An annotation` {
    struct Case: CustomTestStringConvertible {
        let annotations: [String: String]
        let shown: String
        var problems: [String] = []
        let value: @Sendable (World) -> String
        var testDescription: String {
            annotations.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
        }
    }

    static func limits(_ field: @escaping @Sendable (RouteLimits) -> Any) -> @Sendable (World) -> String {
        { "\(field($0.route("foo.com", "/").limits))" }
    }

    static let outcome: @Sendable (World) -> String = { $0.outcome("foo.com", "/") }

    static func field(_ name: String, _ message: String, _ reason: String = "InvalidAnnotation") -> String {
        "\(reason): metadata.annotations[nginx.ingress.kubernetes.io/\(name)]: \(message)"
    }

    static let numbers = [
        Case(annotations: [:], shown: "1048576", value: limits { $0.bodyBytesMax }),
        Case(annotations: ["proxy-body-size": "8m"], shown: "8388608", value: limits { $0.bodyBytesMax }),
        Case(annotations: ["proxy-body-size": " 2G "], shown: "2147483648", value: limits { $0.bodyBytesMax }),
        Case(annotations: ["proxy-body-size": "0"], shown: "0", value: limits { $0.bodyBytesMax }),
        Case(annotations: ["proxy-body-size": "10"], shown: "10", value: limits { $0.bodyBytesMax }),
        Case(
            annotations: ["proxy-body-size": "10x"],
            shown: "1048576",
            problems: [field("proxy-body-size", #""10x" is no size such as 8m; the default is used"#)],
            value: limits { $0.bodyBytesMax }
        ),
        Case(
            annotations: ["proxy-body-size": "99999999999g"],
            shown: "1048576",
            problems: [field("proxy-body-size", #""99999999999g" is too large a size; the default is used"#)],
            value: limits { $0.bodyBytesMax }
        ),
        Case(annotations: ["proxy-connect-timeout": "7"], shown: "7000", value: limits { $0.connectMilliseconds }),
        Case(annotations: ["proxy-read-timeout": "3600"], shown: "3600000", value: limits { $0.readMilliseconds }),
        Case(
            annotations: ["proxy-read-timeout": "forever"],
            shown: "60000",
            problems: [field("proxy-read-timeout", #""forever" is no whole number; the default is used"#)],
            value: limits { $0.readMilliseconds }
        ),
        Case(
            annotations: ["proxy-send-timeout": "0"],
            shown: "60000",
            problems: [field("proxy-send-timeout", #""0" is not between 1 and 2147483; the default is used"#)],
            value: limits { $0.sendMilliseconds }
        ),
        Case(annotations: ["proxy-next-upstream-tries": "5"], shown: "5", value: limits { $0.attemptsMax }),
        Case(
            annotations: ["proxy-next-upstream-timeout": "10"],
            shown: "10000",
            value: limits { $0.retryMilliseconds }
        ),
        Case(
            annotations: ["proxy-next-upstream": "error http_502 non_idempotent"],
            shown: "\(RetryConditions([.error, .http502, .nonIdempotent]).rawValue)",
            value: limits { $0.retryOn.rawValue }
        ),
        Case(annotations: ["proxy-next-upstream": "off"], shown: "0", value: limits { $0.retryOn.rawValue }),
        Case(
            annotations: ["proxy-next-upstream": "error sometimes"],
            shown: "\(RetryConditions.standard.rawValue)",
            problems: [
                field(
                    "proxy-next-upstream",
                    #""error sometimes" holds "sometimes", which is no failure that nginx knows; the default is used"#
                )
            ],
            value: limits { $0.retryOn.rawValue }
        ),
    ]

    static let leading = [
        Case(annotations: ["permanent-redirect": "https://a.com/x"], shown: "301 https://a.com/x", value: outcome),
        Case(
            annotations: ["permanent-redirect": "https://a.com", "permanent-redirect-code": "308"],
            shown: "308 https://a.com",
            value: outcome
        ),
        Case(
            annotations: ["permanent-redirect": "https://a.com", "permanent-redirect-code": "200"],
            shown: "301 https://a.com",
            problems: [field("permanent-redirect-code", #""200" is not between 300 and 308; the default is used"#)],
            value: outcome
        ),
        Case(annotations: ["temporal-redirect": "http://a.com"], shown: "302 http://a.com", value: outcome),
        Case(
            annotations: ["temporal-redirect": "http://a.com", "temporal-redirect-code": "308"],
            shown: "302 http://a.com",
            problems: [field("temporal-redirect-code", #""308" is not between 300 and 307; the default is used"#)],
            value: outcome
        ),
        Case(
            annotations: ["temporal-redirect": "http://a.com", "permanent-redirect": "http://b.com"],
            shown: "302 http://a.com",
            value: outcome
        ),
        Case(
            annotations: ["permanent-redirect": "/elsewhere"],
            shown: "503",
            problems: [
                field(
                    "permanent-redirect",
                    #""/elsewhere" does not begin with http:// or https://; the routes answer 503"#
                )
            ],
            value: outcome
        ),
        Case(
            annotations: ["permanent-redirect": "$scheme://www.a.com$request_uri"],
            shown: "301 $scheme://www.a.com$request_uri",
            value: outcome
        ),
        Case(
            annotations: ["temporal-redirect": "https://a.com/$request_body"],
            shown: "503",
            problems: [
                field(
                    "temporal-redirect",
                    #""https://a.com/$request_body" names $request_body, which is no variable of nginx that means "#
                        + "something here; the routes answer 503"
                )
            ],
            value: outcome
        ),
        Case(
            annotations: ["permanent-redirect": "https://a.com/$"],
            shown: "503",
            problems: [
                field(
                    "permanent-redirect",
                    #""https://a.com/$" has a $ at byte 14 that names no variable; the routes answer 503"#
                )
            ],
            value: outcome
        ),
        Case(
            annotations: ["permanent-redirect": "https://a.com/$1"],
            shown: "301 https://a.com/$1",
            problems: [
                "InvalidAnnotation: spec.rules[0].http.paths[0].path: the redirect to \"https://a.com/$1\" names a group such "
                    + "as $1, and this path is no pattern (use-regex): the group stands for nothing"
            ],
            value: outcome
        ),
        Case(
            annotations: ["permanent-redirect": "https://a.com/$1", "use-regex": "true"],
            shown: "301 https://a.com/$1",
            value: outcome
        ),
        Case(
            annotations: ["app-root": "/$namespace/app?from=$arg_from"],
            shown: "/$namespace/app?from=$arg_from",
            value: { $0.host("foo.com").appRoot?.text ?? "" }
        ),
        Case(
            annotations: ["app-root": "/$1"],
            shown: "",
            problems: [
                field("app-root", #""/$1" names a group such as $1, and / is no pattern; the default is used"#)
            ],
            value: { $0.host("foo.com").appRoot?.text ?? "" }
        ),
        Case(
            annotations: ["upstream-vhost": "$service_name.$namespace.svc.cluster.local:$service_port"],
            shown: "web.demo.svc.cluster.local:80",
            value: { String(decoding: $0.route("foo.com", "/").upstreamHost ?? [], as: UTF8.self) }
        ),
        Case(
            annotations: ["upstream-vhost": "inner.$host"],
            shown: "",
            problems: [
                field(
                    "upstream-vhost",
                    #""inner.$host" names another variable than $namespace, $ingress_name, $service_name and "#
                        + "$service_port, which differs between requests or is no host's name; the default is used"
                )
            ],
            value: { String(decoding: $0.route("foo.com", "/").upstreamHost ?? [], as: UTF8.self) }
        ),
        Case(
            annotations: ["upstream-vhost": "a b"],
            shown: "",
            problems: [
                field(
                    "upstream-vhost",
                    #""a b" holds a character that no address has, the byte 32 at byte 1; the default is used"#
                )
            ],
            value: { String(decoding: $0.route("foo.com", "/").upstreamHost ?? [], as: UTF8.self) }
        ),
        Case(
            annotations: ["whitelist-source-range": "10.0.0.0/8, 1.2.3.4,2001:db8::/32"],
            shown: "10.0.0.0/8 1.2.3.4/32 2001:db8::/32",
            value: { $0.route("foo.com", "/").clients?.allowed.map(\.description).joined(separator: " ") ?? "" }
        ),
        Case(
            annotations: ["whitelist-source-range": "10.0.0.0/8", "allowlist-source-range": "11.0.0.0/8"],
            shown: "11.0.0.0/8",
            value: { $0.route("foo.com", "/").clients?.allowed.map(\.description).joined(separator: " ") ?? "" }
        ),
        Case(
            annotations: ["whitelist-source-range": "10.0.0.0/8,office"],
            shown: "503",
            problems: [
                field(
                    "whitelist-source-range",
                    #""10.0.0.0/8,office" holds "office", which is no address or range; the routes answer 503"#
                )
            ],
            value: outcome
        ),
        Case(
            annotations: ["denylist-source-range": "10.1.2.3/8"],
            shown: "10.0.0.0/8",
            value: { $0.route("foo.com", "/").clients?.denied.map(\.description).joined(separator: " ") ?? "" }
        ),
        Case(
            annotations: ["denylist-source-range": "nobody"],
            shown: "503",
            problems: [
                field(
                    "denylist-source-range",
                    #""nobody" holds "nobody", which is no address or range; the routes answer 503"#
                )
            ],
            value: outcome
        ),
        Case(
            annotations: ["auth-url": "http://auth/check", "auth-signin": "http://auth/login"],
            shown: "503",
            problems: [field("auth-url", "it is not supported yet; the routes answer 503", "UnsupportedAnnotation")],
            value: outcome
        ),
        Case(
            annotations: ["proxy-ssl-verify": "on"],
            shown: "503",
            problems: [
                field("proxy-ssl-verify", "it is not supported yet; the routes answer 503", "UnsupportedAnnotation")
            ],
            value: outcome
        ),
        Case(annotations: ["proxy-ssl-verify": "off"], shown: "demo-web-80", value: outcome),
        Case(
            annotations: ["backend-protocol": "GRPC"],
            shown: "503",
            problems: [field("backend-protocol", #""GRPC" is not supported yet; the routes answer 503"#)],
            value: outcome
        ),
        Case(
            annotations: ["backend-protocol": "https"],
            shown: "https",
            value: { "\($0.backend(of: $0.route("foo.com", "/"))?.scheme ?? .http)" }
        ),
        Case(
            annotations: ["load-balance": "ewma"],
            shown: "peakEWMA",
            value: { "\($0.backend(of: $0.route("foo.com", "/"))?.policy ?? .roundRobin)" }
        ),
        Case(
            annotations: ["load-balance": "least_conn"],
            shown: "roundRobin",
            problems: [field("load-balance", #""least_conn" is neither round_robin nor ewma; the default is used"#)],
            value: { "\($0.backend(of: $0.route("foo.com", "/"))?.policy ?? .peakEWMA)" }
        ),
        Case(annotations: [:], shown: "withCertificate", value: { "\($0.route("foo.com", "/").httpsRedirect)" }),
        Case(
            annotations: ["ssl-redirect": "false"],
            shown: "never",
            value: { "\($0.route("foo.com", "/").httpsRedirect)" }
        ),
        Case(
            annotations: ["ssl-redirect": "false", "force-ssl-redirect": "true"],
            shown: "always",
            value: { "\($0.route("foo.com", "/").httpsRedirect)" }
        ),
        Case(
            annotations: ["ssl-redirect": "yes"],
            shown: "withCertificate",
            problems: [field("ssl-redirect", #""yes" is neither true nor false; the default is used"#)],
            value: { "\($0.route("foo.com", "/").httpsRedirect)" }
        ),
        Case(
            annotations: ["app-root": "/app"],
            shown: "/app",
            value: { $0.host("foo.com").appRoot?.text ?? "" }
        ),
        Case(
            annotations: ["app-root": "https://a.com/app"],
            shown: "",
            problems: [
                field("app-root", #""https://a.com/app" is no path that begins with a slash; the default is used"#)
            ],
            value: { $0.host("foo.com").appRoot?.text ?? "" }
        ),
        Case(
            annotations: ["upstream-vhost": "inner.example"],
            shown: "inner.example",
            value: { String(decoding: $0.route("foo.com", "/").upstreamHost ?? [], as: UTF8.self) }
        ),
        Case(
            annotations: ["upstream-vhost": "$http_host"],
            shown: "",
            value: { String(decoding: $0.route("foo.com", "/").upstreamHost ?? [], as: UTF8.self) }
        ),
        Case(
            annotations: ["rewrite-target": "https://a.com/"],
            shown: "503",
            problems: [
                "InvalidAnnotation: spec.rules[0].http.paths[0].path: rewrite-target \"https://a.com/\": the target names a "
                    + "server; permanent-redirect and temporal-redirect do that; this path answers 503"
            ],
            value: outcome
        ),
        Case(
            annotations: ["rewrite-target": "/"],
            shown: "false",
            value: { "\($0.route("foo.com", "/").rewrite != nil)" }
        ),
        Case(
            annotations: ["rewrite-target": "/x"],
            shown: "true",
            value: { "\($0.route("foo.com", "/").rewrite != nil)" }
        ),
    ]

    @Test(arguments: numbers + leading) func `becomes a value`(_ one: Case) {
        var world = World()
        world.addService("web")
        world.settle(ingress("a", "foo.com", [path("/")], annotations: one.annotations))
        #expect(one.value(world) == one.shown)
        #expect(world.problems == one.problems)
    }

    @Test func `of a backend's host is no way to write other fields`() {
        var world = World()
        let name = "web\r\nX-Evil: 1"
        world.addService(name)
        let annotations = ["upstream-vhost": "$service_name.svc"]
        world.settle(ingress("a", "foo.com", [path("/", name)], annotations: annotations))
        #expect(world.route("foo.com", "/").upstreamHost == nil)
        let told = world.problems.filter { $0.contains("upstream-vhost") }
        #expect(!told.isEmpty)
        #expect(told.allSatisfy { $0.contains("which is no host name") && !$0.contains("\r") }, "\(told)")
    }

    @Test func `of the cookie's family becomes the cookie`() throws {
        var world = World()
        world.addService("web")
        let annotations = [
            "affinity": "cookie", "affinity-mode": "persistent", "session-cookie-name": "route",
            "session-cookie-path": "/app", "session-cookie-domain": "foo.com", "session-cookie-expires": "172800",
            "session-cookie-max-age": "172801", "session-cookie-samesite": "Lax", "session-cookie-secure": "true",
            "session-cookie-conditional-samesite-none": "true", "session-cookie-change-on-failure": "true",
        ]
        world.settle(ingress("a", "foo.com", [path("/")], annotations: annotations))
        var expected = CookieAffinity()
        expected.mode = .persistent
        expected.name = Array("route".utf8)
        expected.path = Array("/app".utf8)
        expected.domain = Array("foo.com".utf8)
        (expected.expiresSeconds, expected.maxAgeSeconds) = (172_800, 172_801)
        expected.sameSite = .lax
        expected.isSecure = true
        expected.isSameSiteNoneConditional = true
        expected.changesOnFailure = true
        #expect(world.route("foo.com", "/").affinity == expected)
        #expect(world.problems == [])
    }

    @Test func `of the cookie's family keeps the cookie's defaults where it is wrong`() {
        var world = World()
        world.addService("web")
        let annotations = [
            "affinity": "cookie", "affinity-mode": "loose", "session-cookie-name": "a b", "session-cookie-path": "x;y",
            "session-cookie-max-age": "long", "session-cookie-samesite": "Maybe",
        ]
        world.settle(ingress("a", "foo.com", [path("/")], annotations: annotations))
        #expect(world.route("foo.com", "/").affinity == CookieAffinity())
        #expect(world.reasons == Array(repeating: "InvalidAnnotation", count: 5))
    }

    @Test func `of affinity on a path that is a pattern gives the cookie the root path`() {
        var world = World()
        world.addService("web")
        world.settle(
            ingress(
                "a",
                "foo.com",
                [path("/a/(.*)", "web", .implementationSpecific)],
                annotations: ["affinity": "cookie", "use-regex": "true"]
            )
        )
        #expect(world.route("foo.com", "/a/x").affinity?.path == [UInt8(ascii: "/")])
    }

    @Test(
        arguments: [
            ("server-alias", "www.foo.com", "UnsupportedAnnotation", "it is not supported yet; it has no effect"),
            ("enable-cors", "true", "UnsupportedAnnotation", #""true" is not supported yet; it has no effect"#),
            ("proxy-buffering", "on", "UnsupportedAnnotation", #""on" is not supported yet; it has no effect"#),
            ("proxy-buffer-size", "128k", "UnsupportedAnnotation", #""128k" is not supported yet; it has no effect"#),
            (
                "configuration-snippet", "return 200;", "UnsupportedAnnotation",
                "text for another program is never interpreted; it has no effect"
            ),
            ("secure-backends", "true", "UnsupportedAnnotation", "ingress-nginx has removed it; it has no effect"),
            (
                "proxy-body-sise", "1m", "UnknownAnnotation",
                #"there is no annotation "proxy-body-sise"; is proxy-body-size meant?"#
            ),
            ("frobnicate-everything", "1", "UnknownAnnotation", #"there is no annotation "frobnicate-everything""#),
        ]
    )
    func `that is not obeyed is reported`(_ name: String, _ value: String, _ reason: String, _ message: String) {
        var world = World()
        world.addService("web")
        world.settle(ingress("a", "foo.com", [path("/")], annotations: [name: value]))
        #expect(world.problems == [Self.field(name, message, reason)])
        #expect(world.outcome("foo.com", "/") == "demo-web-80")
    }

    @Test(
        arguments: [
            ("enable-cors", "false"), ("proxy-buffering", "off"), ("proxy-buffer-size", "16k"),
            ("proxy-buffers-number", "8"), ("proxy-http-version", "1.1"), ("auth-realm", "x"),
            ("enable-access-log", "true"),
            ("cert-manager.io/cluster-issuer", "letsencrypt"), ("server-alias", " "),
        ]
    )
    func `that asks for what is done anyway is no problem`(_ name: String, _ value: String) {
        var world = World()
        world.addService("web")
        world.settle(ingress("a", "foo.com", [path("/")], annotations: [name: value]))
        #expect(world.problems == [])
    }

    @Test func `counts under the prefix of the command line alone`() {
        var settings = IngressSettings()
        settings.annotationsPrefix = "custom.io"
        var world = World(settings)
        world.addService("web")
        world.settle(
            ingress(
                "a",
                "foo.com",
                [path("/")],
                annotations: ["custom.io/proxy-body-size": "2m", "nginx.ingress.kubernetes.io/proxy-body-size": "4m"]
            )
        )
        #expect(world.route("foo.com", "/").limits.bodyBytesMax == 2 << 20)
        #expect(world.problems == [])
    }
}
