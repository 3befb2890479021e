import CommandLineOptions
import Testing

struct `Help text` {
    @Test func `options stand in two columns in the order of their declaration`() {
        #expect(
            Example.command.helpText == """
                Usage: fairlead-example [OPTION]...

                Shows what a command line can say.

                Options:
                  --manifests DIR                  Read objects from the files of this directory.
                  --http-port PORT                 Serve HTTP on this port.
                  -v, --v LEVEL                    Log in this much detail, from 0 to 10.
                  --log-format text|json           Write logs in this form.
                  --cleanup[=fairlead|kube-proxy]  Remove every trace.
                  --cluster-cidr CIDR[,CIDR]       Take these ranges for pods.
                  --once                           Apply, wait for the kernel and exit.
                  --version                        Print the version and exit.
                  --help                           Print this help and exit.

                """
        )
    }

    @Test func `long lines wrap below their column, and a wide option has a line of its own`() {
        let words = Array(repeating: "words", count: 20).joined(separator: " ")
        let command = Command(
            "x",
            "X.",
            options: [
                CommandFlag("a", words),
                CommandOption("an-option-with-a-very-long-name", "AND-VALUE", "Below."),
            ]
        )
        let lines = command.helpText.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.count <= 100 })
        #expect(
            lines.dropFirst(5).prefix(4) == [
                "  -a, --a  words words words words words words words words words words words words words words words",
                "           words words words words words",
                "  --an-option-with-a-very-long-name AND-VALUE",
                "           Below.",
            ]
        )
    }
}
