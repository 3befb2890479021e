import CommandLineOptions
import Testing

struct `Commands of a program` {
    static let program = CommandGroup(
        "fairlead-echo",
        "Tells which pod answered.",
        version: "1.2.3",
        commands: [
            Command("fairlead-echo serve", "Answers.", options: [Example.port]),
            Command("fairlead-echo probe", "Asks.", options: [Example.once]),
        ]
    )

    private func outcome(_ words: String...) -> String {
        do {
            switch try Self.program.parse(words) {
            case .print(let text): return text
            case .run(let command, let arguments): return "\(command) \(arguments[Example.port] ?? 0)"
            }
        } catch {
            return error.description
        }
    }

    @Test func `the first word chooses the command`() {
        #expect(outcome("serve", "--http-port=8080") == "serve 8080")
        #expect(outcome("probe") == "probe 0")
    }

    @Test func `a command does not take the options of another`() {
        #expect(
            outcome("serve", "--once")
                == "fairlead-echo serve: unknown option --once (see 'fairlead-echo serve --help')"
        )
    }

    @Test func `a misspelt command is told which one is near`() {
        #expect(
            outcome("sevre")
                == "fairlead-echo: unknown command sevre; did you mean serve? (see 'fairlead-echo --help')"
        )
        #expect(
            outcome("dance")
                == "fairlead-echo: unknown command dance: expected serve or probe (see 'fairlead-echo --help')"
        )
    }

    @Test func `no command is an error`() {
        #expect(
            outcome() == "fairlead-echo: no command given: expected serve or probe (see 'fairlead-echo --help')"
        )
    }

    @Test func `help and version are the program's`() {
        #expect(outcome("--version") == "fairlead-echo 1.2.3\n")
        #expect(
            outcome("--help") == """
                Usage: fairlead-echo COMMAND [OPTION]...

                Tells which pod answered.

                Commands:
                  serve  Answers.
                  probe  Asks.

                'fairlead-echo COMMAND --help' tells more about a command; 'fairlead-echo --version' prints the version.

                """
        )
    }
}
