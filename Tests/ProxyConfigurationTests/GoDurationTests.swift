import ProxyConfiguration
import Testing

struct `Durations in Go's syntax` {
    @Test(arguments: [
        ("0", 0, "0s"),
        ("30s", 30_000_000_000, "30s"),
        ("1h2m", 3_720_000_000_000, "1h2m0s"),
        ("1.5s", 1_500_000_000, "1.5s"),
        ("-1.5h", -5_400_000_000_000, "-1h30m0s"),
        ("+2m", 120_000_000_000, "2m0s"),
        (".5s", 500_000_000, "500ms"),
        ("1.s", 1_000_000_000, "1s"),
        ("100ms", 100_000_000, "100ms"),
        ("3us", 3000, "3µs"),
        ("1.25µs", 1250, "1.25µs"),
        ("17ns", 17, "17ns"),
        ("0.1ns", 0, "0s"),
        ("24h", 86_400_000_000_000, "24h0m0s"),
        ("1h1ns", 3_600_000_000_001, "1h0m0.000000001s"),
        ("2562047h47m16.854775807s", Int64.max, "2562047h47m16.854775807s"),
    ])
    func `a duration is read and printed as Go does`(text: String, nanoseconds: Int64, printed: String) throws {
        let duration = try #require(Duration(goSyntax: text))
        #expect(duration == .nanoseconds(nanoseconds))
        #expect(duration.goSyntax == printed)
    }

    @Test(arguments: [
        "", "-", "1", "30", "s", "1x", ".s", "1..5s", "1h-2m", "--1s", " 1s", "1 s", "1S", "9223372037s",
        "99999999999999999999s", "2562047h47m16.854775808s",
    ])
    func `what Go refuses is no duration`(text: String) {
        #expect(Duration(goSyntax: text) == nil)
    }

    @Test func `every duration is read again as it was printed`() throws {
        var random = SplitMix(seed: 7)
        for _ in 0..<2000 {
            // Of every size, from nanoseconds to centuries.
            let shift = random.next() % 63
            let duration = Duration.nanoseconds(Int64(bitPattern: random.next()) >> Int64(shift))
            #expect(Duration(goSyntax: duration.goSyntax) == duration)
        }
    }
}

/// A generator whose numbers are the same in every run.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var number = state
        number = (number ^ (number >> 30)) &* 0xbf58_476d_1ce4_e5b9
        number = (number ^ (number >> 27)) &* 0x94d0_49bb_1331_11eb
        return number ^ (number >> 31)
    }
}
