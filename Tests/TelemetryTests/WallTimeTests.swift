import Telemetry
import Testing

struct `Moments as text` {
    @Test(
        arguments: [
            (WallTime(seconds: 0), "1970-01-01T00:00:00Z"),
            (WallTime(seconds: 1_795_255_200, nanoseconds: 120_000_000), "2026-11-21T10:00:00.12Z"),
            (WallTime(seconds: 1_795_255_200, nanoseconds: 1), "2026-11-21T10:00:00.000000001Z"),
            (WallTime(seconds: -62_135_596_800), "0001-01-01T00:00:00Z"),
        ]
    )
    func `RFC 3339 has as many decimals as it takes`(time: WallTime, text: String) {
        #expect(time.rfc3339Nano == text)
    }

    @Test(
        arguments: [
            (WallTime(seconds: 784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT"),
            (WallTime(seconds: 951_782_400), "Tue, 29 Feb 2000 00:00:00 GMT"),
            (WallTime(seconds: -1), "Wed, 31 Dec 1969 23:59:59 GMT"),
        ]
    )
    func `HTTP dates name the day`(time: WallTime, text: String) {
        #expect(time.httpDate == text)
    }
}
