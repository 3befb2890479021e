import CommandLineOptions
import Testing

struct Parsing {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let words: [String]
        let outcome: String
        var testDescription: String { name }
    }

    static let accepted = [
        Case(name: "nothing", words: [], outcome: ""),
        Case(name: "a value after a space", words: ["--http-port", "80"], outcome: "port=80"),
        Case(name: "a value after =", words: ["--http-port=80"], outcome: "port=80"),
        Case(name: "a value that holds =", words: ["--manifests=a=b"], outcome: "manifests=a=b"),
        Case(name: "a value that looks like an option", words: ["--manifests=--once"], outcome: "manifests=--once"),
        Case(name: "a value with one dash", words: ["--manifests", "-"], outcome: "manifests=-"),
        Case(name: "a letter and a space", words: ["-v", "4"], outcome: "level=4"),
        Case(name: "a letter and =", words: ["-v=4"], outcome: "level=4"),
        Case(name: "a letter and its value", words: ["-v10"], outcome: "level=10"),
        Case(name: "a letter with two dashes", words: ["--v=4"], outcome: "level=4"),
        Case(name: "a choice", words: ["--log-format", "json"], outcome: "format=json"),
        Case(name: "a flag", words: ["--once"], outcome: "once"),
        Case(name: "a flag that is true", words: ["--once=true"], outcome: "once"),
        Case(name: "a flag that is false", words: ["--once=false"], outcome: ""),
        Case(name: "the last flag counts", words: ["--once", "--once=false"], outcome: ""),
        Case(name: "the last value counts", words: ["--http-port=80", "--http-port=81"], outcome: "port=81"),
        Case(name: "an option alone means its bare value", words: ["--cleanup"], outcome: "cleanup=fairlead"),
        Case(name: "and takes another with =", words: ["--cleanup=kube-proxy"], outcome: "cleanup=kubeProxy"),
        Case(name: "a list", words: ["--cluster-cidr", "a/1,b/2"], outcome: #"ranges=["a/1", "b/2"]"#),
        Case(
            name: "a repeated list grows",
            words: ["--cluster-cidr=a/1", "--cluster-cidr=b/2"],
            outcome: #"ranges=["a/1", "b/2"]"#
        ),
        Case(name: "an empty list", words: ["--cluster-cidr="], outcome: "ranges=[]"),
        Case(name: "many options", words: ["--once", "-v", "2", "--http-port=1"], outcome: "port=1 level=2 once"),
        Case(name: "help wins over what follows", words: ["--help", "--nonsense"], outcome: "help"),
        Case(name: "version", words: ["--version"], outcome: "fairlead-example 1.2.3\n"),
    ]

    @Test(arguments: accepted) func `a good command line gives its values`(_ row: Case) {
        #expect(Example.outcome(of: row.words) == row.outcome)
    }

    static let refused = [
        Case(
            name: "a slip of the finger",
            words: ["--manifest=x"],
            outcome: "unknown option --manifest; did you mean --manifests?"
        ),
        Case(
            name: "swapped letters",
            words: ["--htpt-port=1"],
            outcome: "unknown option --htpt-port; did you mean --http-port?"
        ),
        Case(name: "a word cut short", words: ["--log"], outcome: "unknown option --log; did you mean --log-format?"),
        Case(
            name: "a long option with one dash",
            words: ["-once"],
            outcome: "unknown option -once; did you mean --once?"
        ),
        Case(name: "nothing near", words: ["--kubeconfig=x"], outcome: "unknown option --kubeconfig"),
        Case(name: "an unknown letter", words: ["-x"], outcome: "unknown option -x"),
        Case(
            name: "no value at the end",
            words: ["--http-port"],
            outcome: "option --http-port needs a value: --http-port PORT"
        ),
        Case(
            name: "an option in the value's place",
            words: ["--manifests", "--once"],
            outcome: "option --manifests needs a value, but --once follows it; "
                + "write --manifests=--once if that is the value"
        ),
        Case(
            name: "a number out of range",
            words: ["-v", "11"],
            outcome: "option -v: '11' is not valid; expected a number from 0 to 10"
        ),
        Case(
            name: "no number",
            words: ["--http-port=http"],
            outcome: "option --http-port: 'http' is not valid; expected a number from 1 to 65535"
        ),
        Case(
            name: "an unknown choice",
            words: ["--log-format=xml"],
            outcome: "option --log-format: 'xml' is not valid; expected text or json"
        ),
        Case(
            name: "a flag that is neither",
            words: ["--once=maybe"],
            outcome: "option --once: 'maybe' is not valid; expected true or false"
        ),
        Case(
            name: "a bad item of a list",
            words: ["--cluster-cidr=a/1,b"],
            outcome: "option --cluster-cidr: 'b' is not valid; expected a range"
        ),
        Case(
            name: "an empty text",
            words: ["--manifests="],
            outcome: "option --manifests: '' is not valid; expected a text that is not empty"
        ),
        Case(
            name: "an early bad value, though a later one is good",
            words: ["-v=x", "-v=1"],
            outcome: "option -v: 'x' is not valid; expected a number from 0 to 10"
        ),
        Case(name: "an argument too many", words: ["--once", "now"], outcome: "unexpected argument 'now'"),
        Case(name: "an argument behind --", words: ["--", "--once"], outcome: "unexpected argument '--once'"),
    ]

    @Test(arguments: refused) func `a bad command line is told what is wrong`(_ row: Case) {
        #expect(
            Example.outcome(of: row.words) == "fairlead-example: \(row.outcome) (see 'fairlead-example --help')"
        )
    }

    static let probe = Command(
        "fairlead-echo probe",
        "Probes.",
        operands: .exactly("tcp|udp", "ADDRESS"),
        options: [Example.once]
    )

    static let withOperands = [
        Case(name: "operands in order", words: ["tcp", "1.1.1.1:1"], outcome: "operand=tcp operand=1.1.1.1:1"),
        Case(name: "options between them", words: ["tcp", "--once", "a"], outcome: "once operand=tcp operand=a"),
        Case(name: "-- ends the options", words: ["--", "--once", "-"], outcome: "operand=--once operand=-"),
        Case(
            name: "one missing",
            words: ["tcp"],
            outcome:
                "fairlead-echo probe: ADDRESS is missing; expected tcp|udp ADDRESS (see 'fairlead-echo probe --help')"
        ),
    ]

    @Test(arguments: withOperands) func `operands are counted and named`(_ row: Case) {
        #expect(Example.outcome(of: row.words, with: Self.probe) == row.outcome)
    }

    static let report = Command(
        "fairlead-bench report",
        "Reports.",
        operands: .oneOrMore("FILE"),
        options: [Example.once]
    )

    static let withSeveral = [
        Case(name: "one", words: ["a"], outcome: "operand=a"),
        Case(name: "several", words: ["a", "--once", "b", "c"], outcome: "once operand=a operand=b operand=c"),
        Case(
            name: "none",
            words: ["--once"],
            outcome: "fairlead-bench report: FILE is missing; expected FILE... (see 'fairlead-bench report --help')"
        ),
    ]

    @Test(arguments: withSeveral) func `an operand that may come again comes once at least`(_ row: Case) {
        #expect(Example.outcome(of: row.words, with: Self.report) == row.outcome)
        #expect(Self.report.helpText.hasPrefix("Usage: fairlead-bench report FILE... [OPTION]..."))
    }
}
