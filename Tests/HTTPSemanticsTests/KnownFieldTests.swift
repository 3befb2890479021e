import HTTPSemantics
import Testing

struct `A known field` {
    @Test func `is found by its name in any case of letters`() {
        var count = 0
        for field in KnownField.allCases {
            let name = field.text.description
            guard !name.isEmpty else { continue }
            count += 1
            for spelling in [name, name.lowercased(), name.uppercased()] {
                #expect(KnownField(matching: Array(spelling.utf8).span) == field, "\(spelling)")
            }
        }
        #expect(count > 45)
    }

    @Test func `is not found by a name that differs in one byte`() {
        for field in KnownField.allCases {
            let name = Array(field.text.description.utf8)
            for index in name.indices {
                var other = name
                other[index] = UInt8(ascii: "!")
                #expect(KnownField(matching: other.span) != field, "\(String(decoding: other, as: UTF8.self))")
                let shorter = Array(name[..<index])
                #expect(KnownField(matching: shorter.span) != field)
            }
        }
    }

    @Test(arguments: [
        ("If-None-Match", KnownField.conditional), ("if-range", .conditional), ("SSL-Client-Cert", .sslClient),
        ("X-Accel-Redirect", .xAccel),
        ("x-accel-anything", .xAccel), ("Content-Security-Policy", .otherContent), ("content-language", .otherContent),
        ("Content-Length", .contentLength), ("X-Accel", .other), ("", .other), ("a", .other), ("hosts", .other),
        ("Content-A-Name-That-Is-Much-Longer-Than-Any-Key", .other), ("X-Forwarded-Fox", .other),
    ])
    func `may share its meaning with others`(name: String, field: KnownField) {
        #expect(KnownField(matching: Array(name.utf8).span) == field)
    }

    @Test func `is hop-by-hop, protected or neither, and never both`() {
        for field in KnownField.allCases { #expect(!(field.isHopByHop && field.isProtected), "\(field)") }
        #expect(KnownField.upgrade.isHopByHop && KnownField.authorization.isProtected)
        #expect(!KnownField.userAgent.isHopByHop && !KnownField.userAgent.isProtected)
        #expect(
            !KnownField.other.isHopByHop && !KnownField.other.isProtected && !KnownField.other.isForbiddenInTrailers
        )
    }

    @Test func `may be in a set`() {
        var fields: KnownFieldSet = [.host, .sslClient]
        fields.insert(.cookie)
        let members = KnownField.allCases.filter { fields.contains($0) }
        #expect(members == [.host, .cookie, .sslClient])
        #expect(fields.union([.date]).contains(.date))
        #expect(KnownFieldSet() == [])
    }
}
