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
            + #""min": 1.0, "max": 3.0, "count": 3, "waited": 12.5}"#
        #expect(result.json == expected)
    }

    @Test func `the table has a ratio for each peer`() {
        let table = HTTPTable(subjects: [.fairlead, .nginx])
        let peer = HTTPResult(name: "1024-c32", subject: .nginx, unit: .requestsPerCPUSecond, samples: [40_000])
        let row = table.row([Self.result([60_123.4]), peer])
        #expect(row.contains("60,123 (60,123 to 60,123)"))
        #expect(row.contains("1.50"))
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
