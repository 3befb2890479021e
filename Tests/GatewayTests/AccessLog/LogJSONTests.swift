import Gateway
import Telemetry
import Testing

struct `A JSON line of the access log` {
    @Test func `has a member for all that is known`() {
        var sample = LogSample()
        sample.remoteUser = Array("joe".utf8)
        sample.referer = Array("http://a/".utf8)
        sample.alternativeUpstreamName = "default-new-80"
        sample.attempts = [LogSample.attempt("10.0.0.1:8080", 0, -1, 0), LogSample.attempt("[fd00::1]:80", 12, 3, 200)]
        #expect(
            sample.line(.json)
                == #"{"time":"2026-11-21T10:00:00.007Z","remote_addr":"192.0.2.7","remote_user":"joe","#
                + #""request_method":"GET","request_uri":"/a?b=c","server_protocol":"HTTP/1.1","host":"shop.example","#
                + #""status":200,"body_bytes_sent":12,"http_referer":"http://a/","http_user_agent":"curl/8.0","#
                + #""request_length":78,"request_time":0.004,"proxy_upstream_name":"default-web-80","#
                + #""proxy_alternative_upstream_name":"default-new-80","#
                + #""upstreams":[{"addr":"10.0.0.1:8080","response_length":0},"#
                + #"{"addr":"[fd00::1]:80","response_length":12,"response_time":0.003,"status":200}],"#
                + #""req_id":"0123456789abcdef0123456789abcdef"}"# + "\n"
        )
    }

    @Test func `names why an attempt came to nothing, each fault in its own words`() {
        var words: Set<Substring> = []
        for fault in UpstreamFault.allCases {
            var sample = LogSample()
            var attempt = LogSample.attempt("10.0.0.1:8080", 0, 3, 502)
            attempt.fault = fault
            sample.attempts = [attempt]
            let line = sample.line(.json)
            #expect(line.contains(#""response_time":0.003,"status":502,"fault":""#), "\(line)")
            let rest = line.split(separator: #""fault":""#).last ?? ""
            words.insert(rest.prefix { $0.isLowercase || $0 == "-" })
        }
        #expect(words.count == UpstreamFault.allCases.count && !words.contains(""))
        #expect(words.isSuperset(of: ["interim-responses", "connect-timeout"]))
    }

    @Test func `leaves out what is not there`() {
        var sample = LogSample()
        sample.method = []
        sample.version = []
        sample.target = []
        sample.host = nil
        sample.userAgent = nil
        sample.upstreamName = ""
        sample.requestID = nil
        sample.attempts = []
        sample.status = 408
        #expect(
            sample.line(.json)
                == #"{"time":"2026-11-21T10:00:00.007Z","remote_addr":"192.0.2.7","status":408,"body_bytes_sent":12,"#
                + #""request_length":78,"request_time":0.004,"upstreams":[]}"# + "\n"
        )
    }

    struct EscapeCase: CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        let json: String
        var testDescription: String { name }

        init(_ name: String, _ bytes: [UInt8], _ json: String) {
            self.name = name
            self.bytes = bytes
            self.json = json
        }
    }

    static let replacement = #"\ufffd"#

    @Test(arguments: [
        EscapeCase("plain", Array("a b/c~".utf8), "a b/c~"),
        EscapeCase("quotation mark and backslash", Array(#"a"b\c"#.utf8), #"a\"b\\c"#),
        EscapeCase(
            "controls",
            [0, 1, 8, 9, 10, 12, 13, 27, 31, 127],
            #"\u0000\u0001\u0008\t\n\u000c\r\u001b\u001f\u007f"#
        ),
        EscapeCase("UTF-8 of two, three and four bytes", Array("é→🙂".utf8), "é→🙂"),
        EscapeCase(
            "C1 controls and line breaks of Unicode",
            Array("\u{85}\u{2028}\u{2029}".utf8),
            #"\u0085\u2028\u2029"#
        ),
        EscapeCase("bytes that begin nothing", [0x61, 0x80, 0xff, 0x62], "a" + replacement + replacement + "b"),
        EscapeCase("a character that is cut off", [0x61, 0xe2, 0x82], "a" + replacement + replacement),
        EscapeCase("a character that is cut short", [0xc3, 0x41], replacement + "A"),
        EscapeCase("too long a form", [0xc0, 0xaf], replacement + replacement),
        EscapeCase("too long a form of three bytes", [0xe0, 0x80, 0xaf], replacement + replacement + replacement),
        EscapeCase("half of a pair", [0xed, 0xa0, 0x80], replacement + replacement + replacement),
        EscapeCase("beyond the last", [0xf4, 0x90, 0x80, 0x80], replacement + replacement + replacement + replacement),
        EscapeCase("the last", [0xf4, 0x8f, 0xbf, 0xbd], "\u{10fffd}"),
    ])
    func `escapes what must be`(_ row: EscapeCase) {
        var sample = LogSample()
        sample.userAgent = row.bytes
        #expect(sample.line(.json).contains("\"http_user_agent\":\"\(row.json)\",\"request_length\""))
    }

    @Test func `stays one line of UTF-8 whatever a client sends`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            var sample = LogSample()
            sample.target = (0..<50).map { _ in UInt8.random(in: 0...255, using: &random) }
            let line = sample.bytes(.json)
            #expect(line.count(where: { $0 == UInt8(ascii: "\n") }) == 1, "\(sample.target)")
            #expect(String(validating: line, as: UTF8.self) != nil, "\(sample.target)")
            #expect(!line.dropLast().contains { $0 < 0x20 || $0 == 0x7f }, "\(sample.target)")
        }
    }
}
