internal import EventIO
internal import LinuxSystem
internal import NetworkAddress
internal import Synchronization

/// The servers behind the subjects: two addresses, one thread, answers that are ready to be sent.
///
/// It does as little as a server can, so that it is never what limits a subject.
final class Backend: Sendable {
    static let addresses = [IPAddress(10, 99, 0, 11), IPAddress(10, 99, 0, 12)]
    static let port = 9000

    private let first = Atomic(0)
    private let second = Atomic(0)
    private let hasEnded = Atomic(false)
    private let failure = Mutex<Errno?>(nil)

    /// How many requests each address has answered.
    var counts: [Int] { [first.load(ordering: .relaxed), second.load(ordering: .relaxed)] }

    /// What ended the thread before its time, if anything did.
    var fault: Errno? { failure.withLock { $0 } }

    /// Serves while a closure runs, in the network namespace and on the processor of the caller.
    func serve(during body: () throws -> Void) throws {
        let thread = try start()
        let outcome = Result(catching: body)
        hasEnded.store(true, ordering: .relaxed)
        thread.join()
        try outcome.get()
    }

    private func start() throws -> Thread {
        try Thread("backend") { [self] in
            do {
                let loop = try BackendLoop()
                while !hasEnded.load(ordering: .relaxed) {
                    try loop.turn { address in
                        if address == 0 {
                            first.wrappingAdd(1, ordering: .relaxed)
                        } else {
                            second.wrappingAdd(1, ordering: .relaxed)
                        }
                    }
                }
            } catch let error as Errno {
                failure.withLock { $0 = error }
            } catch {
                failure.withLock { $0 = .invalidArgument }
            }
        }
    }
}
