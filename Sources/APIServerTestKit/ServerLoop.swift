internal import LinuxSystem
internal import NetworkAddress
internal import TLS

/// The thread of the server: sockets, and the connections on them.
final class ServerLoop {
    private let server: StandInAPIServer
    private let port: Port
    private let security: StandInAPIServer.Security?
    private let context: TLSServerContext?
    private var listener: Socket?
    private var connections: [ServedConnection] = []
    private var hangUps = 0

    init(server: StandInAPIServer, security: StandInAPIServer.Security?) throws {
        self.server = server
        port = server.port
        listener = server.takeFirstListener()
        self.security = security
        if let security {
            let host = CertificateTable.Host(
                certificates: [security.certificate],
                clientAuthentication: security.clients
            )
            context = try TLSServerContext(table: CertificateTable(fallback: host), ticketKeys: TicketKeys())
        } else {
            context = nil
        }
    }

    func run() throws {
        while true {
            let (isStopping, isDown, isPaused, hangUps) = server.withWorld {
                ($0.isStopping, $0.isDown, $0.isPaused, $0.hangUps)
            }
            if isStopping { return }
            if isDown || hangUps != self.hangUps {
                self.hangUps = hangUps
                connections = []
                if isDown { listener = nil }
            }
            if listener == nil, !isDown { listener = try Socket.listening(on: IPAddress(127, 0, 0, 1), port: port) }
            var waits = [Readiness(of: server.wakeupDescriptor, reading: true)]
            if let number = listener?.number { waits.append(Readiness(of: number, reading: true)) }
            if !isPaused {
                waits += connections.map { Readiness(of: $0.number, reading: true, writing: $0.wantsToWrite) }
            }
            _ = try Readiness.wait(for: &waits, timeout: .seconds(60))
            server.answerWakeup()
            guard !server.withWorld({ $0.isPaused || $0.isDown || $0.isStopping }) else { continue }
            try accept()
            for connection in connections { connection.advance(server) }
            connections.removeAll { $0.isClosed }
        }
    }

    private func accept() throws {
        while let accepted = try listener?.accept() {
            let session = context.map { TLSSession(accepting: $0) }
            connections.append(ServedConnection(accepted.take(), session: session))
        }
    }
}
