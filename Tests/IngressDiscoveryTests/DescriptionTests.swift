import IngressDiscovery
import KubernetesAPI
import Testing

struct `The description` {
    @Test func `shows what was compiled, in the order in which it is asked`() {
        var settings = IngressSettings()
        settings.defaultBackendService = NamespacedName("system", "rest")
        var world = World(settings)
        world.addService("web")
        world.addService("next", at: 2)
        world.add(TestCertificate.foo.secret("foo"))
        world.settle(
            ingress(
                "shop",
                "foo.com",
                [path("/cart"), path("/cart/exact", "web", .exact)],
                annotations: ["proxy-body-size": "8m", "app-root": "/cart", "server-alias": "x.com"],
                tls: [Ingress.TLS(hosts: ["foo.com"], secretName: "foo")]
            ),
            ingress(
                "canary",
                "foo.com",
                [path("/cart", "next")],
                annotations: ["canary": "true", "canary-weight": "5"]
            ),
            ingress(
                "old",
                "*.foo.com",
                [path("/(.*)", "web")],
                annotations: ["rewrite-target": "/v2/$1", "ssl-redirect": "false"]
            ),
            ingress("gone", "a.com", [path("/")], annotations: ["permanent-redirect": "https://b.com"]),
            ingress("lost", "a.com", [path("/x", "nothing")])
        )
        #expect(
            world.directory.describe() == """
                Host a.com
                  MATCH   PATH  INGRESS    LEADS TO                   NOTES
                  prefix  /x    demo/lost  503 (demo-nothing-80)
                  prefix  /     demo/gone  301 https://b.com
                  else          demo/lost  503 (system-rest-default)

                Host foo.com, HTTPS, / goes to /cart
                  MATCH   PATH         INGRESS    LEADS TO                   NOTES
                  exact   /cart/exact  demo/shop  demo-web-80                ssl-redirect; body 8388608 B
                  prefix  /cart        demo/shop  demo-web-80                ssl-redirect; canary demo-next-80 (5/100); body 8388608 B
                  else                 demo/shop  503 (system-rest-default)  ssl-redirect; body 8388608 B

                Host *.foo.com
                  MATCH  PATH   INGRESS   LEADS TO                   NOTES
                  regex  /(.*)  demo/old  demo-web-80                rewrite /v2/$1
                  else          demo/old  503 (system-rest-default)

                Host _
                  MATCH  PATH  INGRESS  LEADS TO                   NOTES
                  else         -        503 (system-rest-default)

                Backends
                  NAME                 SPOKEN  TURNS        ENDPOINTS
                  demo-next-80         http    round_robin  10.0.0.2:8080
                  demo-nothing-80      http    round_robin  none
                  demo-web-80          http    round_robin  10.0.0.1:8080
                  system-rest-default  http    round_robin  none

                Certificates
                  HOST     KEY    NAMES              SECRETS
                  foo.com  ecdsa  foo.com,*.foo.com  demo/foo

                Warnings
                  ServiceNotFound: Ingress demo/lost: spec.rules[0].http.paths[0].backend.service: there is no Service demo/nothing; requests \
                are answered 503
                  UnsupportedAnnotation: Ingress demo/shop: metadata.annotations[nginx.ingress.kubernetes.io/server-alias]: it is not \
                supported yet; it has no effect
                  ServiceNotFound: Service system/rest: --default-backend-service: there is no Service system/rest; requests are answered 503

                """
        )
    }
}
