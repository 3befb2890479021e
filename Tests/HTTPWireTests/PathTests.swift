import ByteBuffers
import HTTPWire
import Testing

struct `A path` {
    private func normalise(_ raw: String) -> (outcome: PathOutcome, written: String) {
        var buffer = ByteBuffer()
        buffer.append("before:")
        let outcome = NormalisedPath.normalise(bytes(raw).span, into: &buffer)
        buffer.removeFirst(7)
        return (outcome, text(buffer))
    }

    @Test(arguments: [
        "/", "/a", "/a/", "/a/b.c", "/a/b./c", "/a/..b", "/.well-known/x", "/...", "/a/.../b", "/a;x=y/b",
        "/~u/!$&'()*+,=:@", "/..;/a",
    ])
    func `that is normal is not written again`(raw: String) {
        let result = normalise(raw)
        #expect(result.outcome == .same)
        #expect(result.written == "")
    }

    @Test(arguments: [
        ("/%61", "/a", false), ("/a%20b", "/a b", false), ("/a%2Fb", "/a/b", false), ("/%2561", "/%61", false),
        ("/a%3Fb%23", "/a?b#", false),
        ("", "/", false), ("//", "/", true), ("//a", "/a", true), ("/a//b", "/a/b", true), ("/a///", "/a/", true),
        ("/a/%2Fb", "/a/b", true),
        ("/.", "/", true), ("/./", "/", true), ("/a/.", "/a/", true), ("/a/./b", "/a/b", true), ("/a/..", "/", true),
        ("/a/../", "/", true),
        ("/a/b/..", "/a/", true), ("/a/b/../c", "/a/c", true), ("/a/b/../../c", "/c", true),
        ("/a/%2e%2E/b", "/b", true),
        ("/a/.%2e/b", "/b", true), ("/a/%2e/b", "/a/b", true), ("/a%2f..%2fb", "/b", true), ("/a//../b", "/b", true),
        ("/%2e%2e%2e", "/...", false),
        ("/foo/../foo/x", "/foo/x", true), ("/a/b/c/./../../d", "/a/d", true),
    ])
    func `is written as routes see it`(raw: String, written: String, mustForward: Bool) {
        let result = normalise(raw)
        #expect(result.outcome == .changed(mustForwardNormalised: mustForward))
        #expect(result.written == written)
    }

    @Test(arguments: [
        "/%", "/%1", "/%zz", "/a%2", "/%g0", "/%00", "/a\u{0}", "/a%00b", "/..", "/../", "/../a", "/a/../..",
        "/a/../../b",
        "/%2e%2e", "/./..", "//..",
        "a", "a/b", "%2Fa", "*",
    ])
    func `is refused when nobody could say what it means`(raw: String) {
        let result = normalise(raw)
        #expect(result.outcome == .refused)
        #expect(result.written == "")
    }

    @Test(arguments: [
        ("/a/b", "/a/b"), ("/a b", "/a%20b"), ("/a?b#c%d", "/a%3Fb%23c%25d"), ("/\u{e4}\u{1}\u{7f}", "/%E4%01%7F"),
        ("/[~]:@!$&'()*+,;=", "/[~]:@!$&'()*+,;="),
        ("/\"<>\\^`{|}", "/%22%3C%3E%5C%5E%60%7B%7C%7D"), ("", ""),
    ])
    func `is escaped for a request target`(path: String, escaped: String) {
        var buffer = ByteBuffer()
        NormalisedPath.appendEscaped(bytes(path).span, into: &buffer)
        #expect(text(buffer) == escaped)
    }

    @Test func `that was normalised and escaped is normal from then on`() {
        var numbers = SeededNumbers(state: 7)
        let letters = bytes("//..ab%%2ef0ZQ ?")
        var changes = 0
        for _ in 0..<20_000 {
            let raw =
                [UInt8(ascii: "/")]
                + (0..<Int.random(in: 0..<14, using: &numbers)).map { _ in letters.randomElement(using: &numbers) ?? 0 }
            var normal = ByteBuffer()
            guard case .changed = NormalisedPath.normalise(raw.span, into: &normal) else { continue }
            changes += 1
            var escaped = ByteBuffer()
            NormalisedPath.appendEscaped(normal.bytes, into: &escaped)
            var again = ByteBuffer()
            let outcome = NormalisedPath.normalise(escaped.bytes, into: &again)
            let (expected, found, sent) = (text(normal), text(again), text(escaped))
            // Escapes are decoded, and nothing else is left to do.
            if outcome == .same {
                #expect(expected == sent)
            } else {
                #expect(outcome == .changed(mustForwardNormalised: false))
                #expect(found == expected)
            }
            #expect(!expected.contains("//") && !expected.contains("/./") && !expected.contains("/../"))
        }
        #expect(changes > 1000)
    }
}

struct `A host` {
    @Test(arguments: [
        ("Shop.Example.COM:8080", "shop.example.com"), ("a.", "a"), ("[2001:DB8::1]:443", "[2001:db8::1]"), ("a", "a"),
        ("", nil), ("a b", nil), ("a:x", nil),
    ])
    func `is compared in small letters without its port`(raw: String, host: String?) {
        var buffer = ByteBuffer()
        let isHost = HostText.normalise(bytes(raw).span, into: &buffer)
        #expect(isHost == (host != nil))
        #expect(text(buffer) == host ?? "")
    }
}

struct `A cookie` {
    @Test(arguments: [
        ("a=1", "1"), ("b=2; a=1", "1"), ("a=1; a=2", "1"), ("xa=3; a=1", "1"), ("a=", ""), ("a=1;b=2", "1"),
        ("b=a=1", nil), ("A=1", nil),
        ("a", nil), ("", nil), ("a=x=y; b", "x=y"), ("; ;a=1", "1"), ("a=\"q\" ; b=c", "\"q\""), ("ab=1; aa=2", nil),
        ("a =1", nil),
    ])
    func `is found by its name`(value: String, found: String?) {
        let bytes = bytes(value)
        let piece = cookieValue(named: [UInt8(ascii: "a")].span, in: bytes.span)
        #expect(piece.map { text($0, of: bytes) } == found)
    }
}
