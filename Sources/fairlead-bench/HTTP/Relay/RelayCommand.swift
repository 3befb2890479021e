internal import CommandLineOptions
internal import LinuxSystem
internal import NetworkAddress
internal import Synchronization

/// `fairlead-bench relay`: the floor that `http` measures beside the proxies.
enum RelayCommand {
    private static let port = CommandOption(
        "port",
        "PORT",
        "The port on 127.0.0.1 to take connections at.",
        expecting: "a port from 1 to 65535"
    ) { Port(parsing: $0) }

    static let declaration = Command(
        "fairlead-bench relay",
        "Does the least that a proxy can do, as the floor of 'http', which starts it: takes a request, sends it over a "
            + "connection that is kept, takes the answer, sends it back. It reads nothing: answers are as long as the "
            + "backend of 'http' is known to make them.",
        options: [port]
    )

    static func run(_ arguments: Arguments) throws {
        guard let port = arguments[port] else {
            throw UsageError(message: "--port PORT is missing", command: declaration.name)
        }
        let ending = Ending()
        // On a thread of its own, which takes no signals: a pipe whose client has gone raises one.
        let thread = try Thread("relay") {
            do {
                let loop = try RelayLoop(port: port)
                while true { try loop.turn() }
            } catch {
                ending.fault.withLock { $0 = error as? Errno ?? .invalidArgument }
            }
        }
        thread.join()
        if let error = ending.fault.withLock({ $0 }) { throw error }
    }

    /// What ended the thread.
    private final class Ending: Sendable {
        let fault = Mutex<Errno?>(nil)
    }
}
