internal import ClusterState
internal import CommandLineOptions
internal import Gateway
internal import LinuxSystem
internal import Telemetry

do {
    switch try GatewayCommand.declaration.parse(Array(CommandLine.arguments.dropFirst())) {
    case .print(let text): try StandardStream.output.write(text)
    case .run(let arguments): try GatewayProgram(arguments).run()
    }
} catch let error as UsageError {
    complain("\(error)")
    exitProcess(2)
} catch {
    complain("fairlead-gateway: \(error)")
    exitProcess(1)
}

func complain(_ text: String) {
    // Where nobody reads complaints there is nobody to tell.
    try? StandardStream.error.write(text + "\n")
}
