internal import CommandLineOptions
internal import LinuxSystem

let program = CommandGroup(
    "fairlead-echo",
    """
    Tells over the network which pod answers, and whom it sees as its client. It is the server and the client of \
    Fairlead's demonstration and tests.
    """,
    version: "0.1.0",
    commands: [ServeCommand.declaration, ProbeCommand.declaration]
)

do {
    switch try program.parse(Array(CommandLine.arguments.dropFirst())) {
    case .print(let text):
        try StandardStream.output.write(text)
    case .run("serve", let arguments):
        try ServeCommand(arguments).run()
    case .run(_, let arguments):
        var probe = try ProbeCommand(arguments)
        try probe.run()
    }
} catch let error as UsageError {
    try? StandardStream.error.write("\(error)\n")
    exitProcess(2)
} catch {
    try? StandardStream.error.write("fairlead-echo: \(error)\n")
    exitProcess(1)
}
