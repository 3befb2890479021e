internal import LinuxSystem
internal import Synchronization

/// What callers want of the server's thread, and what wakes it.
final class Mailbox: Sendable {
    /// What a caller wants.
    enum Command: Sendable {
        case open(ListeningSocket)
        case close(Set<StatusListener>)
        case stop
    }

    private struct Letters: Sendable {
        var commands: [Command] = []
        var isClosed = false
    }

    private let letters = Mutex(Letters())
    private let arrival: Wakeup
    private let completion: Wakeup
    /// Lets one caller wait at a time: there is one completion.
    private let waiting = Mutex(())

    init() throws(Errno) {
        arrival = try Wakeup()
        completion = try Wakeup()
    }

    /// The descriptor that is readable when a command waits.
    var descriptor: Int32 { arrival.descriptor }

    /// Leaves a command; false says that the thread has ended.
    func post(_ command: Command) -> Bool {
        let isPosted = letters.withLock { letters in
            guard !letters.isClosed else { return false }
            letters.commands.append(command)
            return true
        }
        if isPosted { arrival.ring() }
        return isPosted
    }

    /// Leaves a command and waits until the thread has done it, or has ended.
    func postAndWait(_ command: Command) {
        waiting.withLock { _ in
            guard post(command) else { return }
            var waits = [Readiness(of: completion.descriptor, reading: true)]
            // The wait fails only without memory; the command is done all the same, a little later.
            _ = try? Readiness.wait(for: &waits, timeout: nil)
            completion.answer()
        }
    }

    /// Takes the commands that wait.
    func take() -> [Command] {
        arrival.answer()
        return letters.withLock { letters in
            defer { letters.commands = [] }
            return letters.commands
        }
    }

    /// Tells a caller that its command is done.
    func complete() { completion.ring() }

    /// Refuses commands from now on, and lets go whoever waits.
    func close() {
        letters.withLock { $0 = Letters(isClosed: true) }
        completion.ring()
    }
}

/// A socket that takes connections, with who answers them.
final class ListeningSocket: Sendable {
    let listener: StatusListener
    let socket: Socket
    let respond: StatusHandler

    init(_ listener: StatusListener, _ socket: consuming Socket, respond: @escaping StatusHandler) {
        self.listener = listener
        self.socket = socket
        self.respond = respond
    }
}
