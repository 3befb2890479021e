import IngressDiscovery
import KubernetesAPI
import LoadBalancing
import NetworkAddress
import Routing
import TLS
import Testing

struct `The ConfigMap` {
    private func world(_ data: [String: String]) -> World {
        var settings = IngressSettings()
        settings.configMap = NamespacedName("system", "gateway")
        var world = World(settings)
        world.addService("web")
        world.settle(
            ingress("a", "foo.com", [path("/")]),
            ingress(
                "b",
                "bar.com",
                [path("/")],
                annotations: ["proxy-body-size": "2m", "enable-global-auth": "false"]
            ),
            configMap(data)
        )
        return world
    }

    private func configMap(_ data: [String: String]) -> KubernetesObject {
        .configMap(ConfigMap(metadata: ObjectMetadata(namespace: "system", name: "gateway"), data: data))
    }

    @Test func `says what holds for all routes`() {
        let world = world([
            "use-forwarded-headers": "true", "proxy-real-ip-cidr": "10.0.0.0/8", "compute-full-forwarded-for": "true",
            "http-redirect-code": "301", "use-port-in-redirects": "true", "hsts-max-age": "60",
            "hsts-include-subdomains": "false", "hsts-preload": "true", "allow-backend-server-header": "true",
            "generate-request-id": "false", "client-header-timeout": "10", "client-body-timeout": "11",
            "keep-alive": "12",
            "keep-alive-requests": "13", "upstream-keepalive-connections": "14", "upstream-keepalive-timeout": "15",
            "upstream-keepalive-requests": "16", "ssl-reject-handshake": "true",
        ])
        var expected = ProxySettings()
        expected.trustsForwardedFields = true
        expected.trustedProxies = [IPPrefix(holding: IPAddress(10, 0, 0, 0), length: 8)]
        expected.appendsForwardedFor = true
        expected.httpsRedirectStatus = 301
        expected.redirectPort = 443
        expected.strictTransportSecurity = Array("max-age=60; preload".utf8)
        expected.keepsServerField = true
        expected.makesRequestID = false
        (expected.headMilliseconds, expected.bodyMilliseconds, expected.idleMilliseconds) = (10_000, 11_000, 12_000)
        (expected.requestsPerConnectionMax, expected.idleUpstreamsMax) = (13, 14)
        (expected.upstreamIdleMilliseconds, expected.requestsPerUpstreamMax) = (15_000, 16)
        #expect(world.table.settings == expected)
        #expect(world.last.certificates?.rejectsUnknownNames == true)
        #expect(world.problems == [])
    }

    @Test func `says what holds for Ingresses that say nothing`() {
        let world = world([
            "proxy-body-size": "5m", "proxy-connect-timeout": "6", "proxy-read-timeout": "7", "proxy-send-timeout": "8",
            "proxy-next-upstream": "http_500", "proxy-next-upstream-tries": "2", "proxy-next-upstream-timeout": "9",
            "ssl-redirect": "false", "whitelist-source-range": "10.0.0.0/8", "denylist-source-range": "11.0.0.0/8",
            "block-cidrs": "12.0.0.0/8", "load-balance": "ewma",
        ])
        var limits = RouteLimits()
        limits.bodyBytesMax = 5 << 20
        (limits.connectMilliseconds, limits.readMilliseconds, limits.sendMilliseconds) = (6_000, 7_000, 8_000)
        (limits.retryOn, limits.attemptsMax, limits.retryMilliseconds) = (.http500, 2, 9_000)
        let route = world.route("foo.com", "/")
        #expect(route.limits == limits)
        #expect(route.httpsRedirect == .never)
        #expect(route.clients?.allowed.map(\.description) == ["10.0.0.0/8"])
        #expect(route.clients?.denied.map(\.description) == ["12.0.0.0/8", "11.0.0.0/8"])
        #expect(world.backend(of: route)?.policy == .peakEWMA)
        #expect(world.route("bar.com", "/").limits.bodyBytesMax == 2 << 20)
        #expect(world.problems == [])
    }

    @Test(
        arguments: [
            ("proxy-body-size", "big", #""big" is no size such as 8m; the default is used"#),
            ("http-redirect-code", "303", #""303" is none of 301, 302, 307 and 308; the default is used"#),
            ("use-gzip", "true", "it is not supported yet; it has no effect"),
            ("add-headers", "ns/name", "it is not supported yet; it has no effect"),
            ("proxy-boddy-size", "1m", #"there is no option "proxy-boddy-size"; is proxy-body-size meant?"#),
            ("use-forwarded-headers", "true", "nobody's fields are believed until proxy-real-ip-cidr says whose"),
        ]
    )
    func `that asks for what is not done is reported`(_ name: String, _ value: String, _ message: String) {
        #expect(world([name: value]).problems == ["InvalidOption: data[\(name)]: \(message)"])
    }

    @Test func `that tunes what is not here is no problem`() {
        #expect(world(["use-gzip": "false", "lua-shared-dicts": "x", "worker-cpu-affinity": "auto"]).problems == [])
    }

    @Test(arguments: ["whitelist-source-range", "denylist-source-range", "block-cidrs"])
    func `with a rule of access that cannot be read closes all routes`(_ name: String) {
        let world = world([name: "office"])
        #expect(world.outcome("foo.com", "/") == "503")
        #expect(world.reasons == ["InvalidOption"])
    }

    @Test func `with a global authentication closes the routes that are not exempt`() {
        let world = world(["global-auth-url": "http://auth/check"])
        #expect(world.outcome("foo.com", "/") == "503")
        #expect(world.outcome("bar.com", "/") == "demo-web-80")
    }

    @Test func `may demand plain paths`() {
        var world = world(["strict-validate-path-type": "true"])
        world.settle(
            ingress("c", "c.com", [path("/a~b"), path("/ok"), path("/x(.*)", "web", .implementationSpecific)])
        )
        #expect(world.outcome("c.com", "/a~b") == "404")
        #expect(world.outcome("c.com", "/ok") == "demo-web-80")
        #expect(world.reasons == ["InvalidRegex"])
    }

    @Test func `that goes leaves the defaults`() {
        var world = world(["proxy-body-size": "5m", "hsts": "false"])
        #expect(world.table.settings.strictTransportSecurity == nil)
        world.remove(.configMap, "gateway", in: "system")
        world.compile()
        #expect(world.table.settings == ProxySettings())
        #expect(world.route("foo.com", "/").limits == RouteLimits())
        #expect(world.reasons == ["InvalidOption"])
    }
}
