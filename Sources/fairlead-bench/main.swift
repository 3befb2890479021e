internal import CommandLineOptions
internal import LinuxSystem

let program = CommandGroup(
    "fairlead-bench",
    "Measures Fairlead, and checks while it measures that the work was really done.",
    version: "0.1.0",
    commands: [
        SyncCommand.declaration, ConnectCommand.declaration, HTTPCommand.declaration, ReportCommand.declaration,
        ManifestsCommand.declaration, RelayCommand.declaration, LibraryCommand.declaration,
    ]
)

do {
    switch try program.parse(Array(CommandLine.arguments.dropFirst())) {
    case .print(let text):
        try StandardStream.output.write(text)
    case .run("sync", let arguments):
        try SyncCommand.run(arguments)
    case .run("connect", let arguments):
        try ConnectCommand.run(arguments)
    case .run("http", let arguments):
        try HTTPCommand.run(arguments)
    case .run("report", let arguments):
        try ReportCommand.run(arguments)
    case .run("relay", let arguments):
        try RelayCommand.run(arguments)
    case .run(LibraryCommand.word, _):
        try LibraryCommand.run()
    case .run(_, let arguments):
        try ManifestsCommand.run(arguments)
    }
} catch let error as UsageError {
    // Where nobody reads complaints there is nobody to tell.
    try? StandardStream.error.write("\(error)\n")
    exitProcess(2)
} catch {
    try? StandardStream.error.write("fairlead-bench: \(error)\n")
    exitProcess(1)
}
