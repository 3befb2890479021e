import Telemetry
import Testing

struct `Log lines` {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        var level = LogLevel.info
        let message: String
        var fields: [LogField] = []
        let text: String
        let json: String
        var testDescription: String { name }
    }

    static let cases = [
        Case(
            name: "a message alone",
            message: "serving",
            text: "INFO  serving",
            json: #""level":"info","message":"serving""#
        ),
        Case(
            name: "fields of every kind in their order",
            message: "programmed 12 services",
            fields: [
                LogField("endpoints", 34), LogField("full", false), LogField("service", "default/web:http"),
                LogField("took", .duration(.microseconds(1234))), LogField("because", "of change"),
            ],
            text: #"INFO  programmed 12 services endpoints=34 full=false service=default/web:http took=1.2ms "#
                + #"because="of change""#,
            json: #""level":"info","message":"programmed 12 services","endpoints":34,"full":false,"#
                + #""service":"default/web:http","took":0.001234,"because":"of change""#
        ),
        Case(
            name: "a warning",
            level: .warning,
            message: "ignored",
            fields: [LogField("object", "")],
            text: #"WARN  ignored object="""#,
            json: #""level":"warning","message":"ignored","object":"""#
        ),
        Case(
            name: "a message that would forge a line",
            level: .error,
            message: "bad name a\nINFO  all is well\u{1b}[2K",
            fields: [LogField("name", "x\u{2028}\"=\\")],
            text: #"ERROR bad name a\nINFO  all is well\u001b[2K name="x\u2028\"=\\""#,
            json: #""level":"error","message":"bad name a\nINFO  all is well\u001b[2K","name":"x\u2028\"=\\""#
        ),
        Case(
            name: "words of other languages",
            level: .debug,
            message: "größer",
            fields: [LogField("name", "日本")],
            text: "DEBUG größer name=日本",
            json: #""level":"debug","message":"größer","name":"日本""#
        ),
    ]

    @Test(arguments: cases) func `an event makes one line`(_ row: Case) {
        let time = WallTime(seconds: 1_795_255_200, nanoseconds: 123_999_999)
        let event = LogEvent(time: time, level: row.level, message: row.message, fields: row.fields)
        #expect(LogFormat.text.line(for: event) == "2026-11-21T10:00:00.123Z \(row.text)")
        #expect(LogFormat.json.line(for: event) == #"{"time":"2026-11-21T10:00:00.123Z",\#(row.json)}"#)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399, "2000-02-28T23:59:59.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
            (1_735_689_599, "2024-12-31T23:59:59.000Z"),
            (-1, "1969-12-31T23:59:59.000Z"),
        ] as [(Int64, String)]
    )
    func `a moment is printed as a date in UTC`(seconds: Int64, text: String) {
        #expect(WallTime(seconds: seconds).description == text)
    }

    @Test(
        arguments: [
            (.nanoseconds(400), "0.4us"), (.microseconds(7), "7us"), (.nanoseconds(999_499), "999us"),
            (.nanoseconds(999_500), "1ms"), (.microseconds(1234), "1.2ms"), (.milliseconds(34), "34ms"),
            (.microseconds(999_600), "1s"), (.milliseconds(2500), "2.5s"), (.seconds(90), "90s"), (.zero, "0us"),
        ] as [(Duration, String)]
    )
    func `a length of time is printed in the unit that suits it`(duration: Duration, text: String) {
        #expect(duration.shortText == text)
    }
}
