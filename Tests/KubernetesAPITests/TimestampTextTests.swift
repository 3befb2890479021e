import KubernetesAPI
import Testing

@Suite struct `A moment as text` {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59Z", -1), ("2000-02-29T12:00:00Z", 951_825_600),
            ("2026-11-21T07:19:28Z", 1_795_245_568), ("2100-03-01T00:00:00Z", 4_107_542_400),
            ("0001-01-01T00:00:00Z", -62_135_596_800), ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] as [(String, Int64)]
    )
    func `is the day of the Gregorian calendar`(_ text: String, _ seconds: Int64) {
        #expect(Timestamp(seconds: seconds).rfc3339() == text)
        #expect(Timestamp(rfc3339: text)?.seconds == seconds)
    }

    @Test func `reads as what it was, for every day of 800 years`() {
        for day in stride(from: Int64(-146_097), through: 146_097, by: 1) {
            let moment = Timestamp(seconds: day * 86_400 + 45_296)
            guard Timestamp(rfc3339: moment.rfc3339()) == moment else {
                Issue.record("day \(day) reads otherwise")
                return
            }
        }
    }

    @Test func `has microseconds where they are wanted`() {
        let moment = Timestamp(seconds: 0, nanoseconds: 1_002_999)
        #expect(moment.rfc3339(.microseconds) == "1970-01-01T00:00:00.001002Z")
        #expect(moment.rfc3339() == "1970-01-01T00:00:00Z")
    }
}
