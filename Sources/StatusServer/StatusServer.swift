internal import LinuxSystem
package import NetworkAddress
internal import Synchronization

/// A small HTTP/1.1 server for probes and scrapers, on a thread of its own: it answers while others are busy.
///
/// Heads are read strictly, bodies not at all: a request that has one is answered, and the connection closed.
///
///     callers ──open, close, stop──▶ mailbox ──▶ thread: listeners, connections, handlers
package final class StatusServer: Sendable {
    private let mailbox: Mailbox
    private let thread: Mutex<Thread?>
    private let opened = Atomic<Int>(0)

    /// Starts a server that listens nowhere yet.
    ///
    /// - Parameter limits: What it spends at most.
    /// - Throws: `cannotStart` when the system has no thread left.
    package init(limits: StatusServerLimits = StatusServerLimits()) throws(StatusServerError) {
        do throws(Errno) {
            let mailbox = try Mailbox()
            self.mailbox = mailbox
            // The thread knows the mailbox alone, so that a server nobody holds any more is stopped.
            thread = Mutex(
                try Thread("fairlead-status") {
                    var loop = ServerLoop(mailbox: mailbox, limits: limits)
                    loop.run()
                }
            )
        } catch {
            throw .cannotStart(error)
        }
    }

    deinit { stop() }

    /// Starts to answer on an address; `0.0.0.0` and `::` each take their own family only.
    ///
    /// - Parameters:
    ///   - address: The address.
    ///   - port: The port; nil leaves the choice to the kernel.
    ///   - respond: Makes the answers.
    /// - Returns: What to close it by.
    /// - Throws: `cannotListen` when the kernel does not give the address and port; nothing has changed then, and the
    ///   caller may try again.
    package func open(
        on address: IPAddress,
        port: Port?,
        respond: @escaping StatusHandler
    ) throws(StatusServerError) -> StatusListener {
        do throws(Errno) {
            let socket = try Socket.listening(on: address, port: port, acceptsIPv4: false, backlog: 256)
            // A bound internet socket has an address with a port.
            guard let bound = try socket.localAddress() else { throw .invalidArgument }
            let number = opened.wrappingAdd(1, ordering: .relaxed).newValue
            let listener = StatusListener(number: number, address: bound)
            _ = mailbox.post(.open(ListeningSocket(listener, socket, respond: respond)))
            return listener
        } catch {
            throw .cannotListen(address, port, error)
        }
    }

    /// Stops to answer: when this returns, the address and port are free, and connections through it are closed.
    package func close(_ listeners: [StatusListener]) {
        if !listeners.isEmpty { mailbox.postAndWait(.close(Set(listeners))) }
    }

    /// Ends the thread and closes everything; returns when it is done.
    ///
    /// Nothing can be opened after that.
    package func stop() {
        _ = mailbox.post(.stop)
        // Only the first caller finds the thread.
        guard let thread = thread.withLock({ $0.take() }) else { return }
        thread.join()
    }
}
