internal import CommandLineOptions
internal import LinuxSystem
internal import NodeAgent
internal import Telemetry

do {
    switch try AgentCommand.declaration.parse(Array(CommandLine.arguments.dropFirst())) {
    case .print(let text):
        try StandardStream.output.write(text)
    case .run(let arguments):
        try AgentCommand.check(arguments)
        try AgentProgram(arguments).run()
    }
} catch let error as UsageError {
    complain("\(error)")
    exitProcess(2)
} catch let failure as ConfigurationFailure {
    for message in failure.messages { complain("fairlead-agent: \(message)") }
    exitProcess(1)
} catch {
    complain("fairlead-agent: \(error)")
    exitProcess(1)
}

func complain(_ text: String) {
    // Where nobody reads complaints there is nobody to tell.
    try? StandardStream.error.write(text + "\n")
}
