internal import LinuxSystem
package import NetworkAddress
internal import Synchronization
package import TLS

/// A stand-in for an API server: it keeps objects, speaks list and watch, and fails on command.
///
/// It listens on a loopback address and works on a thread of its own until it is stopped.
package final class StandInAPIServer: Sendable {
    /// What the server proves itself with.
    package struct Security: Sendable {
        /// The certificate that it presents.
        package var certificate: TLSCertificate
        /// What it demands of clients; nil for nothing.
        package var clients: ClientAuthentication?

        /// Creates the security of a server.
        package init(certificate: TLSCertificate, clients: ClientAuthentication? = nil) {
            self.certificate = certificate
            self.clients = clients
        }
    }

    /// The port on 127.0.0.1.
    package let port: Port

    private let world = Mutex(ServerWorld())
    private let wakeup: Wakeup
    private let ended: Wakeup
    /// The socket that listens from the beginning, on its way to the thread.
    private let firstListener: Mutex<Socket?>

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - behaviour: How it behaves.
    ///   - security: What it proves itself with; nil for connections in the clear.
    /// - Throws: What the system does not give.
    package init(_ behaviour: ServerBehaviour = ServerBehaviour(), security: Security? = nil) throws {
        wakeup = try Wakeup()
        ended = try Wakeup()
        let listener = try Socket.listening(on: IPAddress(127, 0, 0, 1), port: nil)
        guard let address = try listener.localAddress() else { throw Errno.invalidArgument }
        port = address.port
        firstListener = Mutex(consume listener)
        _ = try Thread("api-server") {
            do { try ServerLoop(server: self, security: security).run() } catch {
                fatalError("the stand-in server failed: \(error)")
            }
            self.ended.ring()
        }
        change { $0.behaviour = behaviour }
    }

    /// Ends the server and closes all connections.
    package func stop() {
        change { $0.isStopping = true }
        var waits = [Readiness(of: ended.descriptor, reading: true)]
        _ = try? Readiness.wait(for: &waits, timeout: .seconds(10))
    }

    // MARK: - Objects

    /// Creates or replaces an object in a collection such as `/api/v1/services`.
    package func apply(_ object: StoredObject, to collection: String) { change { $0.apply(object, to: collection) } }

    /// Creates or replaces many objects at once.
    package func apply(_ objects: [StoredObject], to collection: String) {
        change { world in for object in objects { world.apply(object, to: collection) } }
    }

    /// Deletes an object.
    package func delete(_ name: String, namespace: String = "default", from collection: String) {
        change { $0.delete("\(namespace)/\(name)", from: collection) }
    }

    /// Lets other objects of the cluster change, so that the version grows.
    package func passTime() { change { $0.version += 10 } }

    /// Forgets history and the tokens of pages, so that clients must list again.
    package func compact() { change { $0.compact() } }

    /// Forgets the tokens of pages.
    package func expirePages() { change { $0.pages = [:] } }

    /// The version of the last change.
    package var version: UInt64 { world.withLock { $0.version } }

    // MARK: - Behaviour

    /// Changes how the server behaves.
    package func behave(_ body: @Sendable (inout ServerBehaviour) -> Void) { change { body(&$0.behaviour) } }

    /// Lets something go wrong at the next request that it fits.
    package func fail(_ fault: ServerFault) { change { $0.faults.append(fault) } }

    /// Sends a bookmark to every watch, which names the version of the last change or another one.
    package func sendBookmarks(version: UInt64? = nil) {
        change { world in
            world.bookmarks += 1
            world.bookmarkVersion = version
        }
    }

    /// Ends all watches as a server does when their time is over.
    package func endWatches() { change { $0.watchEnds += 1 } }

    /// Says something in the next watch of a collection that is no event of its history.
    package func say(_ text: String, inWatchOf collection: String) { change { $0.words[collection] = text } }

    /// Closes all connections.
    package func hangUp() { change { $0.hangUps += 1 } }

    /// Stops to read and to write, with all connections open, or goes on.
    package func pause(_ isPaused: Bool) { change { $0.isPaused = isPaused } }

    /// Closes all connections and resets new ones, or serves again.
    ///
    /// The port stays taken: another program could have it otherwise by the time it is needed again.
    package func goDown(_ isDown: Bool) {
        change { world in
            world.isDown = isDown
            // Counted, so that connections are closed even if the server is up again before the thread looks.
            if isDown { world.hangUps += 1 }
        }
    }

    /// Goes back to other objects and an older version, as a server does that was restored from a backup.
    package func restore(_ collections: [String: [StoredObject]], version: UInt64) {
        change { world in
            world.collections = [:]
            world.version = version
            world.pages = [:]
            for (collection, objects) in collections { for object in objects { world.apply(object, to: collection) } }
            world.compacted = world.version
            for name in world.collections.keys { world.collections[name]?.history = [] }
            world.hangUps += 1
        }
    }

    /// The requests so far.
    package var requests: [ServerRequest] { world.withLock { $0.requests } }

    // MARK: - For the loop

    func takeFirstListener() -> Socket? { firstListener.withLock { $0.take() } }

    var wakeupDescriptor: Int32 { wakeup.descriptor }

    func answerWakeup() { wakeup.answer() }

    func withWorld<Result: Sendable>(_ body: (inout ServerWorld) -> Result) -> Result { world.withLock { body(&$0) } }

    private func change(_ body: @Sendable (inout ServerWorld) -> Void) {
        world.withLock { body(&$0) }
        wakeup.ring()
    }
}
