/// The annotations of ingress-nginx, all 136 of its last version, and what becomes of each.
///
/// `Docs/Annotations.md` is this table for people; a test holds them together.
enum AnnotationCatalogue {
    /// What the gateway makes of an annotation.
    enum Verdict: Hashable, Sendable {
        /// It is obeyed.
        case supported
        /// These values ask for nothing but what is done anyway; others are reported.
        case accepted(Acceptance)
        /// It is not obeyed yet, and reported.
        case unsupported
        /// It keeps people out and is not obeyed yet: the routes answer 503, and it is reported, but for one value.
        case guarding(unless: String?)
        /// It will never be obeyed, and is reported.
        case refused
    }

    /// The values that ask for nothing but what is done anyway.
    enum Acceptance: Hashable, Sendable {
        case any
        case value(String)
        case sizeUpTo(Int64)
    }

    /// One annotation.
    struct Entry: Sendable {
        /// The name after the prefix.
        let name: String
        /// What the gateway makes of it.
        let verdict: Verdict
        /// What there is to know; may be empty.
        let remark: String

        init(_ name: String, _ verdict: Verdict, _ remark: String = "") {
            self.name = name
            self.verdict = verdict
            self.remark = remark
        }
    }

    /// Other names of some annotations.
    static let aliases = ["whitelist-source-range": "allowlist-source-range", "limit-whitelist": "limit-allowlist"]

    /// What ingress-nginx itself has given up.
    static let removed: Set<String> = [
        "enable-influxdb", "influxdb-measurement", "influxdb-port", "influxdb-host", "influxdb-server-name",
        "secure-backends", "secure-verify-ca-secret", "session-cookie-hash", "enable-opentracing",
        "opentracing-trust-incoming-span", "global-rate-limit", "global-rate-limit-window", "global-rate-limit-key",
        "global-rate-limit-ignored-cidrs", "grpc-backend", "add-base-url", "base-url-scheme",
    ]

    /// All of them, by name.
    static let all: [Entry] = [
        Entry("affinity", .supported, "`cookie`"),
        Entry("affinity-canary-behavior", .supported, "read from the canary"),
        Entry("affinity-mode", .supported),
        Entry(
            "allowlist-source-range",
            .supported,
            "also under its old name whitelist-source-range; an invalid one answers 503"
        ),
        Entry("app-root", .supported, "a path, with variables; the oldest Ingress of the host that has it decides"),
        Entry(
            "auth-always-set-cookie",
            .accepted(.any),
            "says how auth-type or auth-url acts, which is reported itself"
        ),
        Entry("auth-cache-duration", .accepted(.any), "says how auth-type or auth-url acts, which is reported itself"),
        Entry("auth-cache-key", .accepted(.any), "says how auth-type or auth-url acts, which is reported itself"),
        Entry("auth-keepalive", .accepted(.any), "says how auth-type or auth-url acts, which is reported itself"),
        Entry(
            "auth-keepalive-requests",
            .accepted(.any),
            "says how auth-type or auth-url acts, which is reported itself"
        ),
        Entry(
            "auth-keepalive-share-vars",
            .accepted(.any),
            "says how auth-type or auth-url acts, which is reported itself"
        ),
        Entry(
            "auth-keepalive-timeout",
            .accepted(.any),
            "says how auth-type or auth-url acts, which is reported itself"
        ),
        Entry("auth-method", .accepted(.any), "says how auth-type or auth-url acts, which is reported itself"),
        Entry(
            "auth-proxy-set-headers",
            .accepted(.any),
            "says how auth-type or auth-url acts, which is reported itself"
        ),
        Entry("auth-realm", .accepted(.any), "says how auth-type or auth-url acts, which is reported itself"),
        Entry(
            "auth-request-redirect",
            .accepted(.any),
            "says how auth-type or auth-url acts, which is reported itself"
        ),
        Entry(
            "auth-response-headers",
            .accepted(.any),
            "says how auth-type or auth-url acts, which is reported itself"
        ),
        Entry("auth-secret", .accepted(.any), "says how auth-type or auth-url acts, which is reported itself"),
        Entry("auth-secret-type", .accepted(.any), "says how auth-type or auth-url acts, which is reported itself"),
        Entry("auth-signin", .accepted(.any), "says how auth-type or auth-url acts, which is reported itself"),
        Entry(
            "auth-signin-redirect-param",
            .accepted(.any),
            "says how auth-type or auth-url acts, which is reported itself"
        ),
        Entry("auth-snippet", .refused, "text for another program is never interpreted; configuration is data here"),
        Entry("auth-tls-error-page", .accepted(.any), "says how auth-tls-secret acts, which is reported itself"),
        Entry("auth-tls-match-cn", .accepted(.any), "says how auth-tls-secret acts, which is reported itself"),
        Entry(
            "auth-tls-pass-certificate-to-upstream",
            .accepted(.any),
            "says how auth-tls-secret acts, which is reported itself"
        ),
        Entry(
            "auth-tls-secret",
            .guarding(unless: nil),
            "routes answer 503 until it is supported, so that nothing stands open"
        ),
        Entry("auth-tls-verify-client", .accepted(.any), "says how auth-tls-secret acts, which is reported itself"),
        Entry("auth-tls-verify-depth", .accepted(.any), "says how auth-tls-secret acts, which is reported itself"),
        Entry(
            "auth-type",
            .guarding(unless: nil),
            "routes answer 503 until it is supported, so that nothing stands open"
        ),
        Entry(
            "auth-url",
            .guarding(unless: nil),
            "routes answer 503 until it is supported, so that nothing stands open"
        ),
        Entry(
            "backend-protocol",
            .supported,
            "HTTP and HTTPS; GRPC, GRPCS and FCGI answer 503 until they are supported, AUTO_HTTP is taken for HTTP"
        ),
        Entry("canary", .supported),
        Entry("canary-by-cookie", .supported),
        Entry("canary-by-header", .supported),
        Entry("canary-by-header-pattern", .supported, "one that cannot be compiled leaves the header out"),
        Entry("canary-by-header-value", .supported),
        Entry("canary-weight", .supported),
        Entry("canary-weight-total", .supported),
        Entry(
            "client-body-buffer-size",
            .accepted(.any),
            "requests are streamed through fixed memory, and never written to disk"
        ),
        Entry(
            "configuration-snippet",
            .refused,
            "text for another program is never interpreted; configuration is data here"
        ),
        Entry("connection-proxy-header", .unsupported, "not supported yet"),
        Entry("cors-allow-credentials", .accepted(.any), "says how enable-cors acts, which is reported itself"),
        Entry("cors-allow-headers", .accepted(.any), "says how enable-cors acts, which is reported itself"),
        Entry("cors-allow-methods", .accepted(.any), "says how enable-cors acts, which is reported itself"),
        Entry("cors-allow-origin", .accepted(.any), "says how enable-cors acts, which is reported itself"),
        Entry("cors-expose-headers", .accepted(.any), "says how enable-cors acts, which is reported itself"),
        Entry("cors-max-age", .accepted(.any), "says how enable-cors acts, which is reported itself"),
        Entry("custom-headers", .unsupported, "not supported yet"),
        Entry("custom-http-errors", .unsupported, "not supported yet"),
        Entry("default-backend", .unsupported, "not supported yet"),
        Entry("denylist-source-range", .supported, "asked before the allow-list; an invalid one answers 503"),
        Entry(
            "disable-proxy-intercept-errors",
            .accepted(.any),
            "says how another annotation acts, which is reported itself"
        ),
        Entry("enable-access-log", .accepted(.value("true")), "`false` is not supported yet, and reported"),
        Entry("enable-cors", .accepted(.value("false")), "`true` is not supported yet, and reported"),
        Entry(
            "enable-global-auth",
            .supported,
            "`false` exempts the Ingress from the refusal that an unsupported global-auth-url of the ConfigMap means"
        ),
        Entry("enable-modsecurity", .accepted(.value("false")), "`true` is not supported yet, and reported"),
        Entry("enable-opentelemetry", .accepted(.value("false")), "`true` is not supported yet, and reported"),
        Entry("enable-owasp-core-rules", .accepted(.value("false")), "`true` is not supported yet, and reported"),
        Entry("enable-rewrite-log", .accepted(.value("false")), "`true` is not supported yet, and reported"),
        Entry("fastcgi-index", .unsupported, "not supported yet"),
        Entry("fastcgi-params-configmap", .unsupported, "not supported yet"),
        Entry("force-ssl-redirect", .supported),
        Entry("from-to-www-redirect", .accepted(.value("false")), "`true` is not supported yet, and reported"),
        Entry(
            "http2-push-preload",
            .accepted(.value("false")),
            "browsers have given up pushes; `true` is refused, and reported"
        ),
        Entry(
            "limit-allowlist",
            .accepted(.any),
            "says how limit-rps, limit-rpm and limit-connections act, which are reported themselves"
        ),
        Entry(
            "limit-burst-multiplier",
            .accepted(.any),
            "says how limit-rps, limit-rpm and limit-connections act, which are reported themselves"
        ),
        Entry("limit-connections", .unsupported, "no limit is enforced yet"),
        Entry("limit-rate", .unsupported, "no limit is enforced yet"),
        Entry("limit-rate-after", .unsupported, "no limit is enforced yet"),
        Entry("limit-rpm", .unsupported, "no limit is enforced yet"),
        Entry("limit-rps", .unsupported, "no limit is enforced yet"),
        Entry("load-balance", .supported, "round_robin and ewma"),
        Entry("mirror-host", .accepted(.any), "says how mirror-target acts, which is reported itself"),
        Entry("mirror-request-body", .accepted(.any), "says how another annotation acts, which is reported itself"),
        Entry("mirror-target", .unsupported, "not supported yet"),
        Entry(
            "modsecurity-snippet",
            .refused,
            "text for another program is never interpreted; configuration is data here"
        ),
        Entry(
            "modsecurity-transaction-id",
            .accepted(.any),
            "says how enable-modsecurity acts, which is reported itself"
        ),
        Entry(
            "opentelemetry-operation-name",
            .accepted(.any),
            "says how enable-opentelemetry acts, which is reported itself"
        ),
        Entry(
            "opentelemetry-trust-incoming-span",
            .accepted(.any),
            "says how enable-opentelemetry acts, which is reported itself"
        ),
        Entry(
            "permanent-redirect",
            .supported,
            "`http://` or `https://`, with variables; an invalid one answers 503"
        ),
        Entry("permanent-redirect-code", .supported, "300 to 308, else 301"),
        Entry("preserve-trailing-slash", .accepted(.value("false")), "`true` is not supported yet, and reported"),
        Entry("proxy-body-size", .supported, "`0` for any size"),
        Entry(
            "proxy-buffer-size",
            .accepted(.sizeUpTo(65_536)),
            "response heads of up to 64k are always taken; more is reported"
        ),
        Entry("proxy-buffering", .accepted(.value("off")), "responses are streamed; `on` is reported"),
        Entry("proxy-buffers-number", .accepted(.any), "responses are streamed through fixed memory"),
        Entry("proxy-busy-buffers-size", .accepted(.any), "responses are streamed through fixed memory"),
        Entry("proxy-connect-timeout", .supported, "whole seconds, at most 24 days"),
        Entry("proxy-cookie-domain", .unsupported, "not supported yet"),
        Entry("proxy-cookie-path", .unsupported, "not supported yet"),
        Entry("proxy-http-version", .accepted(.value("1.1")), "HTTP/1.1 is spoken; `1.0` is reported"),
        Entry("proxy-max-temp-file-size", .accepted(.any), "nothing is ever written to disk"),
        Entry("proxy-next-upstream", .supported),
        Entry("proxy-next-upstream-timeout", .supported),
        Entry("proxy-next-upstream-tries", .supported, "at most 8 endpoints are tried, also for `0`"),
        Entry("proxy-read-timeout", .supported, "whole seconds, at most 24 days"),
        Entry("proxy-redirect-from", .accepted(.value("off")), "`off` is what is done; others are reported"),
        Entry("proxy-redirect-to", .accepted(.any), "says how proxy-redirect-from acts, which is reported itself"),
        Entry("proxy-request-buffering", .accepted(.value("off")), "requests are streamed; `on` is reported"),
        Entry("proxy-send-timeout", .supported, "whole seconds, at most 24 days"),
        Entry("proxy-ssl-ciphers", .unsupported, "not supported yet"),
        Entry("proxy-ssl-name", .unsupported, "not supported yet"),
        Entry("proxy-ssl-protocols", .unsupported, "not supported yet"),
        Entry("proxy-ssl-secret", .unsupported, "not supported yet"),
        Entry("proxy-ssl-server-name", .unsupported, "not supported yet"),
        Entry(
            "proxy-ssl-verify",
            .guarding(unless: "off"),
            "certificates of backends are not verified, as in ingress-nginx; `on` answers 503 until it is supported"
        ),
        Entry("proxy-ssl-verify-depth", .unsupported, "not supported yet"),
        Entry("relative-redirects", .accepted(.value("false")), "`true` is not supported yet, and reported"),
        Entry("rewrite-target", .supported, "`$1` to `$9` and names of groups; the result always begins with a slash"),
        Entry("satisfy", .accepted(.value("all")), "`any` is not supported yet, and reported"),
        Entry("server-alias", .unsupported, "not supported yet"),
        Entry("server-snippet", .refused, "text for another program is never interpreted; configuration is data here"),
        Entry("service-upstream", .supported),
        Entry("session-cookie-change-on-failure", .supported),
        Entry("session-cookie-conditional-samesite-none", .supported),
        Entry("session-cookie-domain", .supported),
        Entry("session-cookie-expires", .supported),
        Entry("session-cookie-max-age", .supported),
        Entry("session-cookie-name", .supported),
        Entry("session-cookie-path", .supported, "default: the path of the rule, and `/` where that is a pattern"),
        Entry("session-cookie-samesite", .supported),
        Entry("session-cookie-secure", .supported),
        Entry("ssl-ciphers", .unsupported, "not supported yet"),
        Entry("ssl-passthrough", .accepted(.value("false")), "`true` is not supported yet, and reported"),
        Entry("ssl-prefer-server-ciphers", .unsupported, "not supported yet"),
        Entry(
            "ssl-redirect",
            .supported,
            "default of the ConfigMap; acts where the host has a `tls` section, also in another Ingress"
        ),
        Entry("stream-snippet", .refused, "text for another program is never interpreted; configuration is data here"),
        Entry(
            "temporal-redirect",
            .supported,
            "as permanent-redirect, before which it goes; an invalid one answers 503"
        ),
        Entry("temporal-redirect-code", .supported, "300 to 307, else 302"),
        Entry("upstream-hash-by", .unsupported, "not supported yet"),
        Entry("upstream-hash-by-subset", .accepted(.any), "says how upstream-hash-by acts, which is reported itself"),
        Entry(
            "upstream-hash-by-subset-size",
            .accepted(.any),
            "says how upstream-hash-by acts, which is reported itself"
        ),
        Entry(
            "upstream-vhost",
            .supported,
            "with `$namespace`, `$ingress_name`, `$service_name` and `$service_port`; `$http_host` alone changes nothing"
        ),
        Entry("use-port-in-redirects", .accepted(.value("false")), "`true` is not supported yet, and reported"),
        Entry(
            "use-regex",
            .supported,
            "turns all paths of the host into patterns, as in ingress-nginx; `--strict-path-regex` only its own"
        ),
        Entry("x-forwarded-prefix", .unsupported, "not supported yet"),
    ]

    /// The entry of each name and of each alias.
    static let byName: [String: Entry] = {
        var entries: [String: Entry] = [:]
        for entry in all { entries[entry.name] = entry }
        for (alias, name) in aliases { entries[alias] = entries[name] }
        return entries
    }()
}

extension AnnotationCatalogue.Acceptance {
    /// Whether a value asks for nothing but what is done anyway.
    func contains(_ value: String) -> Bool {
        switch self {
        case .any: return true
        case .value(let accepted): return value.lowercased() == accepted
        case .sizeUpTo(let most): return (try? TextValues.size(value)).map { $0 <= most } ?? false
        }
    }
}
