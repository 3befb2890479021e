import Testing

@testable import fairlead_bench

/// What the numbers of a run become.
struct `Results of a run` {
    private static func result(_ samples: [Double], unit: HTTPResult.Unit = .requestsPerCPUSecond) -> HTTPResult {
        HTTPResult(name: "1024-c32", subject: .fairlead, unit: unit, samples: samples)
    }

    @Test(
        arguments: [
            ([], 0), ([7], 7), ([3, 1, 2], 2), ([4, 1, 3, 2], 2.5), ([100, 1, 1, 1, 1], 1),
        ] as [([Double], Double)]
    )
    func `the median is the middle`(samples: [Double], median: Double) {
        #expect(Self.result(samples).median == median)
    }

    @Test func `more requests are better, and less time and memory are`() {
        #expect(Self.result([150]).ratio(to: Self.result([100])) == 1.5)
        #expect(Self.result([100], unit: .microseconds).ratio(to: Self.result([150], unit: .microseconds)) == 1.5)
        let (ours, theirs) = ([250.0], [500.0])
        let unit = HTTPResult.Unit.bytesPerConnection
        #expect(Self.result(ours, unit: unit).ratio(to: Self.result(theirs, unit: unit)) == 2)
    }

    @Test func `a result without numbers is no better than any other`() {
        #expect(Self.result([]).ratio(to: Self.result([])) == 0)
        #expect(Self.result([1]).ratio(to: Self.result([])) == 0)
    }

    @Test func `JSON has the form that other benches have`() {
        var result = Self.result([2, 1, 3])
        result.waited = 0.125
        let expected =
            #"{"case": "1024-c32", "subject": "fairlead", "unit": "requests-per-cpu-second", "p50": 2.0, "p99": 3.0, "#
            + #""min": 1.0, "max": 3.0, "count": 3, "waited": 12.5, "rounds": [2.0, 1.0, 3.0]}"#
        #expect(result.json == expected)
    }

    @Test func `the table says what each subject is to fairlead and to the floor`() throws {
        let unit = HTTPResult.Unit.requestsPerCPUSecond
        let peer = HTTPResult(name: "1024-c32", subject: .nginx, unit: unit, samples: [40_000])
        let floor = HTTPResult(name: "1024-c32", subject: .relay, unit: unit, samples: [80_000, 79_000, 81_000])
        let rows = HTTPTable.rows([Self.result([60_123.4]), peer, floor])
        let cells = rows.map { $0.split(separator: " ").map(String.init) }
        let name = unit.rawValue
        try #require(cells.count == 3)
        #expect(cells[0] == ["1024-c32", "fairlead", "60,123", "60,123", "60,123", name, "0.75"])
        #expect(cells[1] == ["1024-c32", "nginx", "40,000", "40,000", "40,000", name, "1.50", "0.50"])
        #expect(cells[2] == ["1024-c32", "relay", "80,000", "79,000", "81,000", name, "0.75", "1.00"])
    }

    @Test func `nothing is no number of times as good as anything`() {
        let unit = HTTPResult.Unit.bytesPerConnection
        let ours = HTTPResult(name: "idle-plain", subject: .fairlead, unit: unit, samples: [0])
        let peer = HTTPResult(name: "idle-plain", subject: .nginx, unit: unit, samples: [123])
        #expect(HTTPTable.rows([ours, peer]).allSatisfy { $0.hasSuffix("bytes-per-connection") })
    }

    @Test func `every case is taken by fairlead, and by others only where they can serve it`() {
        for item in HTTPCase.all {
            #expect(HTTPSubject.fairlead.takes(item.work), "\(item.name)")
            let isTLS =
                switch item.work {
                case .requests(_, _, let isTLS), .memory(let isTLS): isTLS
                case .handshakes: true
                case .routes, .latency: false
                }
            for subject in HTTPSubject.peers where isTLS && !subject.servesTLS {
                #expect(!subject.takes(item.work), "\(subject.rawValue) has no TLS for \(item.name)")
            }
        }
        #expect(HTTPCase.all.contains { $0.name == "1024-c1000" })
    }

    @Test(arguments: BackendBody.allCases)
    func `an answer of the backend is as long as it says, and asked for by its path`(body: BackendBody) {
        let response = body.response
        #expect(response.count > body.byteCount)
        #expect(Array(response.suffix(body.byteCount)) == body.bytes)
        #expect(String(decoding: response.prefix(120), as: UTF8.self).contains("Content-Length: \(body.byteCount)\r\n"))
        let request = Array("GET \(body.path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        let asked = BackendBody(request: request.span)
        #expect(asked == body)
    }
}
