import KubernetesAPI
import Testing

@testable import Manifests

struct `A plain YAML scalar` {
    @Test(
        arguments: [
            ("80", .integer(80)), ("-1", .integer(-1)), ("+7", .integer(7)), ("0", .integer(0)),
            ("0x1F", .integer(31)), ("010", .integer(8)), ("0o17", .integer(15)), ("0b101", .integer(5)),
            ("1_000", .integer(1000)), ("9223372036854775807", .integer(.max)),
            ("18446744073709551616", .number(18_446_744_073_709_551_616)),
            ("1.5", .number(1.5)), ("1e3", .number(1000)), (".5", .number(0.5)), ("-2.", .number(-2)),
            ("080", .integer(80)), (".inf", .number(.infinity)), ("-.inf", .number(-.infinity)),
            ("true", .bool(true)), ("False", .bool(false)), ("yes", .bool(true)), ("off", .bool(false)),
            ("null", .null), ("~", .null), ("", .null), ("Null", .null),
            ("web", .string("web")), ("nullable", .string("nullable")), ("truE", .string("truE")),
            ("10.0.0.1", .string("10.0.0.1")), ("1.2.3", .string("1.2.3")), ("--1", .string("--1")),
            ("0x", .string("0x")), ("1e", .string("1e")), (".", .string(".")), ("-", .string("-")),
            ("0x-1", .string("0x-1")), ("+-1", .string("+-1")), ("infinity", .string("infinity")),
            ("2026-05-04T03:02:01Z", .string("2026-05-04T03:02:01Z")), ("fd00::1", .string("fd00::1")),
        ] as [(String, ObjectValue)]
    )
    func `means what kubectl takes it for`(_ text: String, _ value: ObjectValue) {
        #expect(ObjectValue(yamlScalar: text, isPlain: true) == value)
    }

    @Test(arguments: ["80", "true", "null", "~", ""])
    func `is text when it is quoted`(_ text: String) {
        #expect(ObjectValue(yamlScalar: text, isPlain: false) == .string(text))
    }

    @Test func `is what its tag says`() {
        #expect(ObjectValue(yamlScalar: "80", isPlain: true, tag: "tag:yaml.org,2002:str") == .string("80"))
        #expect(ObjectValue(yamlScalar: "80", isPlain: false, tag: "tag:yaml.org,2002:int") == .integer(80))
        #expect(ObjectValue(yamlScalar: "x", isPlain: true, tag: "tag:yaml.org,2002:null") == .null)
        #expect(ObjectValue(yamlScalar: "80", isPlain: true, tag: "!other") == .integer(80))
    }
}
