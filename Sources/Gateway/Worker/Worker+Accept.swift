internal import EventIO
internal import LinuxSystem
internal import NetworkAddress
internal import Routing
internal import TLS

/// A listening socket of a worker; the kernel shares connections out among the workers' sockets.
final class WorkerListener {
    // Closed when the listener goes, with the connections that wait in it.
    let endpoint: WorkerSettings.Endpoint
    let socket: Socket
    /// The port that clients see, in digits.
    let portText: [UInt8]

    init(_ endpoint: WorkerSettings.Endpoint) throws(Errno) {
        self.endpoint = endpoint
        socket = try .sharingListener(on: endpoint.address, port: endpoint.port)
        portText = Array("\(endpoint.port?.rawValue ?? 0)".utf8)
    }
}

extension Worker {
    private static var acceptsPerRound: Int { 64 }
    private static var acceptPauseMilliseconds: Int64 { 100 }

    /// Takes the connections that wait at a listener, some at a time.
    mutating func accept(_ listener: Int) {
        guard listener < listeners.count, acceptsAgain == nil else { return }
        for _ in 0..<Self.acceptsPerRound {
            if io.links.count >= settings.connectionsMax {
                pauseAccepting()
                return
            }
            switch Stream.accept(from: listeners[listener].socket) {
            case .connection(let stream, let peer): open(stream, peer, at: listener)
            case .none: return
            case .exhausted(let reason):
                telemetry.acceptFailed(reason, now: now)
                pauseAccepting()
                return
            }
        }
    }

    private mutating func open(_ stream: Stream, _ peer: PeerAddress, at listener: Int) {
        guard let link = io.open(stream, .client, peer: peer) else { return }
        telemetry.metrics.count(.accepted)
        telemetry.metrics.count(.handled)
        io.links[link].listener = UInt8(listener)
        if listeners[listener].endpoint.isTLS {
            io.links[link].session = io.sessions.insert(TLSSession(accepting: serverTLS))
            io.links[link].state = .opening
            io.wheel.set(link, to: now + settings.handshakeMilliseconds)
        } else {
            io.links[link].state = .idle
            io.wheel.set(link, to: now + rules.headMilliseconds)
        }
    }

    /// Takes no connections for a moment: there are as many as there can be, or descriptors have run out.
    ///
    /// They wait in the kernel meanwhile. Watching on would wake the worker again and again for nothing.
    private mutating func pauseAccepting() {
        for listener in listeners { io.poller.unwatch(listener.socket.number) }
        acceptsAgain = now + Self.acceptPauseMilliseconds
    }

    mutating func resumeAccepting() {
        acceptsAgain = nil
        for (index, listener) in listeners.enumerated() {
            do throws(Errno) {
                try io.poller.watch(listener.socket.number, token: Self.listenerToken + UInt64(index), .level)
            } catch {
                acceptsAgain = now + Self.acceptPauseMilliseconds
            }
        }
    }
}
