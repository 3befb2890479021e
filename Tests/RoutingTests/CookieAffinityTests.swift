import ByteBuffers
import Testing

@testable import Routing

struct `A cookie of affinity` {
    private func written(
        _ affinity: CookieAffinity,
        isHTTPS: Bool = false,
        userAgent: String = "",
        now: Int64 = 1_290_079_655
    ) -> String {
        let (key, backend, path) = (Array("1290.5".utf8), Array("0a1b".utf8), Array("/shop".utf8))
        let agent = Array(userAgent.utf8)
        var output = ByteBuffer()
        affinity.writeSetCookie(
            key: key.span,
            backend: backend.span,
            routePath: path.span,
            isHTTPS: isHTTPS,
            userAgent: agent.span,
            now: now,
            into: &output
        )
        return text(output.bytes)
    }

    private func affinity(_ change: (inout CookieAffinity) -> Void) -> CookieAffinity {
        var affinity = CookieAffinity()
        change(&affinity)
        return affinity
    }

    @Test func `says nothing more than it must`() {
        #expect(written(CookieAffinity()) == "INGRESSCOOKIE=1290.5|0a1b; Path=/shop; HttpOnly")
    }

    @Test func `has all that was declared, in the order of ingress-nginx`() {
        let all = affinity {
            $0.name = Array("route".utf8)
            $0.path = Array("/all".utf8)
            $0.domain = Array("foo.com".utf8)
            $0.expiresSeconds = 172_800
            $0.maxAgeSeconds = 60
            $0.sameSite = .strict
            $0.isSecure = true
        }
        #expect(
            written(all) == "route=1290.5|0a1b; Expires=Sat, 20-Nov-10 11:27:35 GMT; Max-Age=60; Domain=foo.com; "
                + "Path=/all; Secure; HttpOnly; SameSite=Strict"
        )
    }

    @Test(arguments: [(nil, false, false), (nil, true, true), (true, false, true), (false, true, false)])
    func `is secure on HTTPS unless something else is said`(declared: Bool?, isHTTPS: Bool, expected: Bool) {
        let text = written(affinity { $0.isSecure = declared }, isHTTPS: isHTTPS)
        #expect(text.contains("; Secure") == expected)
    }

    @Test(arguments: [
        ("a browser of today", "Mozilla/5.0 (X11; Linux) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36", true),
        ("no browser", "", true),
        ("Chrome 51", "Mozilla/5.0 (X11) AppleWebKit/537.36 Chrome/51.0.2704.84 Safari/537.36", false),
        ("Chrome 49", "Mozilla/5.0 (X11) Chrome/49.0", false),
        ("Chrome 66", "Chrome/66.0", false),
        ("Chrome 7x", "Chrome/72.0", true),
        ("an iPhone with iOS 12", "Mozilla/5.0 (iPhone; CPU iPhone OS 12_1 like Mac OS X) Safari/604.1", false),
        ("an iPhone with iOS 13", "Mozilla/5.0 (iPhone; CPU iPhone OS 13_1 like Mac OS X) Safari/604.1", true),
        ("an iPad with iOS 12", "Mozilla/5.0 (iPad; CPU OS 12_1 like Mac OS X) Safari/604.1", false),
        ("Safari on macOS 10.14", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_1) Version/12 Safari/605", false),
        ("Chrome on macOS 10.14", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_14_1) Chrome/80 Safari/605", true),
        ("Safari on macOS 10.15", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_1) Version/13 Safari/605", true),
    ])
    func `leaves SameSite=None out for clients that misunderstand it`(name: String, agent: String, understands: Bool) {
        let conditional = affinity {
            $0.sameSite = CookieAffinity.SameSite.none
            $0.isSameSiteNoneConditional = true
        }
        #expect(written(conditional, userAgent: agent).hasSuffix("; SameSite=None") == understands)
        let always = affinity { $0.sameSite = CookieAffinity.SameSite.none }
        #expect(written(always, userAgent: agent).hasSuffix("; SameSite=None"))
        let lax = affinity {
            $0.sameSite = .lax
            $0.isSameSiteNoneConditional = true
        }
        #expect(written(lax, userAgent: agent).hasSuffix("; SameSite=Lax"))
    }

    // From `date -u -d @<seconds>`.
    @Test(
        arguments: [
            (0, "Thu, 01-Jan-70 00:00:00 GMT"),
            (951_782_399, "Mon, 28-Feb-00 23:59:59 GMT"),
            (951_782_400, "Tue, 29-Feb-00 00:00:00 GMT"),
            (951_868_800, "Wed, 01-Mar-00 00:00:00 GMT"),
            (1_290_079_655, "Thu, 18-Nov-10 11:27:35 GMT"),
            (1_709_210_096, "Thu, 29-Feb-24 12:34:56 GMT"),
            (1_735_689_599, "Tue, 31-Dec-24 23:59:59 GMT"),
            (2_145_916_799, "Thu, 31-Dec-37 23:59:59 GMT"),
            (2_145_916_800, "Fri, 01-Jan-2038 00:00:00 GMT"),
            (4_107_542_400, "Mon, 01-Mar-2100 00:00:00 GMT"),
            (-1, "Wed, 31-Dec-69 23:59:59 GMT"),
        ] as [(Int64, String)]
    )
    func `expires at a time of the calendar`(seconds: Int64, expected: String) {
        let now = affinity { $0.expiresSeconds = 0 }
        #expect(written(now, now: seconds).contains("; Expires=\(expected); "))
    }

    @Test(arguments: [
        ("key and backend", "1.2|ab", "1.2", "ab"),
        ("a key alone", "1.2", "1.2", nil),
        ("nothing", "", "", nil),
        ("no key", "|ab", "", "ab"),
        ("no backend", "1.2|", "1.2", ""),
        ("more than both", "1.2|ab|cd", "1.2", "ab"),
    ])
    func `is read in two halves`(name: String, value: String, key: String, backend: String?) {
        let bytes = Array(value.utf8)
        let parsed = CookieAffinity.Value(bytes.span)
        #expect(String(decoding: bytes[parsed.key], as: UTF8.self) == key)
        #expect(parsed.backend.map { String(decoding: bytes[$0], as: UTF8.self) } == backend)
    }
}
