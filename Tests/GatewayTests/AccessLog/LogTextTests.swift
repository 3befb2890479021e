import ByteBuffers
import Gateway
import Telemetry
import Testing

struct `A line of the access log` {
    struct LineCase: CustomTestStringConvertible {
        let name: String
        let sample: LogSample
        let line: String
        var testDescription: String { name }

        init(_ name: String, _ line: String, _ change: (inout LogSample) -> Void = { _ in }) {
            var sample = LogSample()
            change(&sample)
            self.name = name
            self.sample = sample
            self.line = line
        }
    }

    static let lines = [
        LineCase(
            "an ordinary one",
            #"192.0.2.7 - - [21/Nov/2026:10:00:00 +0000] "GET /a?b=c HTTP/1.1" 200 12 "-" "curl/8.0" 78 0.004 [default-web-80] [] 10.0.0.1:8080 12 0.003 200 0123456789abcdef0123456789abcdef"#
        ),
        LineCase(
            "with retries and a canary",
            #"192.0.2.7 - - [21/Nov/2026:10:00:00 +0000] "GET /a?b=c HTTP/1.1" 200 12 "-" "curl/8.0" 78 0.004 [default-web-80] [default-new-80] 10.0.0.1:8080, [fd00::1]:80, 10.0.0.3:8080 0, 0, 12 0.000, -, 1.050 502, -, 200 0123456789abcdef0123456789abcdef"#
        ) {
            $0.alternativeUpstreamName = "default-new-80"
            $0.attempts = [
                LogSample.attempt("10.0.0.1:8080", 0, 0, 502), LogSample.attempt("[fd00::1]:80", 0, -1, 0),
                LogSample.attempt("10.0.0.3:8080", 12, 1050, 200),
            ]
        },
        LineCase(
            "a request that was never understood",
            #"192.0.2.7 - - [21/Nov/2026:10:00:00 +0000] "\x16\x03\x01\x02\x00" 400 150 "-" "-" 0 0.000 [] [] - - - - -"#
        ) {
            $0.method = []
            $0.target = [0x16, 3, 1, 2, 0]
            $0.version = []
            $0.userAgent = nil
            $0.status = 400
            $0.bodyBytesSent = 150
            $0.requestLength = 0
            $0.requestTime = 0
            $0.upstreamName = ""
            $0.attempts = []
            $0.requestID = nil
        },
        LineCase(
            "texts that are there but empty, and an address of the other family",
            #"2001:db8::7 - joe [21/Nov/2026:10:00:00 +0000] "GET / HTTP/2.0" 499 0 "" "" 78 3661.007 [default-web-80] [] 10.0.0.1:8080 12 0.003 200 0123456789abcdef0123456789abcdef"#
        ) {
            $0.remoteAddress = "2001:db8::7"
            $0.remoteUser = Array("joe".utf8)
            $0.target = Array("/".utf8)
            $0.version = Array("HTTP/2.0".utf8)
            $0.referer = []
            $0.userAgent = []
            $0.status = 499
            $0.bodyBytesSent = 0
            $0.requestTime = 3_661_007
        },
        LineCase(
            "a status of two digits and a clock that went back",
            #"192.0.2.7 - - [01/Jan/1970:00:00:00 +0000] "GET /a?b=c HTTP/1.1" 009 12 "-" "curl/8.0" 78 0.000 [default-web-80] [] 10.0.0.1:8080 12 0.003 200 0123456789abcdef0123456789abcdef"#
        ) {
            $0.time = WallTime(seconds: 0)
            $0.status = 9
            $0.requestTime = -5
        },
    ]

    @Test(arguments: lines)
    func `is that of ingress-nginx`(_ row: LineCase) { #expect(row.sample.line(.upstreamInfo) == row.line + "\n") }

    @Test func `nothing that a client sends ends it or leaves its quotation marks`() {
        var sample = LogSample()
        let hostile = Array(UInt8.min...UInt8.max)
        sample.method = hostile
        sample.target = hostile
        sample.version = hostile
        sample.remoteUser = hostile
        sample.referer = hostile
        sample.userAgent = hostile
        sample.requestID = hostile
        let line = sample.bytes(.upstreamInfo)
        #expect(line.count(where: { $0 == UInt8(ascii: "\n") }) == 1)
        #expect(line.last == UInt8(ascii: "\n"))
        #expect(line.dropLast().allSatisfy { (0x20..<0x7f).contains($0) })
        // Those around the request, the referer and the user agent.
        #expect(line.count(where: { $0 == UInt8(ascii: "\"") }) == 6)
        let text = String(decoding: line, as: UTF8.self)
        #expect(text.contains(#"\x00\x01"#))
        #expect(text.contains(#" !\x22#$%"#))
        #expect(text.contains(#"[\x5C]"#))
        #expect(text.contains(#"~\x7F\x80"#))
        #expect(text.contains(#"\xFE\xFF"#))
    }

    @Test func `its time is that of its own second`() {
        var formatter = LogFormatter(.upstreamInfo)
        var buffer = ByteBuffer()
        var sample = LogSample()
        for second in [1_795_255_199, 1_795_255_200, 1_795_255_200, 1_795_255_199] as [Int64] {
            sample.time = WallTime(seconds: second)
            sample.append(with: &formatter, to: &buffer)
        }
        let clocks = String(decoding: array(buffer.bytes), as: UTF8.self).split(separator: "\n")
            .compactMap { $0.split(separator: "2026:").last?.prefix(8) }
        #expect(clocks == ["09:59:59", "10:00:00", "10:00:00", "09:59:59"])
    }

    @Test(arguments: [
        "0.0.0.0", "255.255.255.255", "10.20.30.4", "::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:0:0:2::3", "1::2:0:0:3:4",
        "fe80::a:b", "::ffff:192.0.2.1", "2001:db8:0:1:1:1:1:1", "0:1:2:3:4:5:6:7", "1:2:3:4:5:6:7:0", "::2:3:4:5:6:7",
        "1:2:3:4:5:6::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ])
    func `an address has its canonical text`(text: String) {
        var sample = LogSample()
        sample.remoteAddress = text
        #expect(sample.line(.upstreamInfo).hasPrefix(text + " - "))
        sample.attempts = [LogSample.attempt(text.contains(":") ? "[\(text)]:9" : "\(text):9", 0, 0, 0)]
        #expect(sample.line(.upstreamInfo).contains(text.contains(":") ? " [\(text)]:9 0 " : " \(text):9 0 "))
    }

    @Test(arguments: [
        ("off", AccessLogTarget.off), ("", .off), ("-", .standardOutput), ("/var/log/a", .file("/var/log/a")),
    ])
    func `the option says where it goes`(option: String, target: AccessLogTarget) {
        #expect(AccessLogTarget(option: option) == target)
    }
}
