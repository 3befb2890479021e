internal import LinuxSystem
internal import TLS

/// The thread of the server: sockets, and the connections on them.
final class ServerLoop {
    private let server: StandInAPIServer
    private let security: StandInAPIServer.Security?
    private let context: TLSServerContext?
    private var listener: Socket?
    private var connections: [ServedConnection] = []
    private var hangUps = 0

    init(server: StandInAPIServer, security: StandInAPIServer.Security?) throws {
        self.server = server
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
            let (isStopping, isPaused, hangUps) = server.withWorld { ($0.isStopping, $0.isPaused, $0.hangUps) }
            if isStopping { return }
            if hangUps != self.hangUps {
                self.hangUps = hangUps
                connections = []
            }
            var waits = [Readiness(of: server.wakeupDescriptor, reading: true)]
            if !isPaused {
                if let number = listener?.number { waits.append(Readiness(of: number, reading: true)) }
                waits += connections.map { Readiness(of: $0.number, reading: true, writing: $0.wantsToWrite) }
            }
            _ = try Readiness.wait(for: &waits, timeout: .seconds(60))
            server.answerWakeup()
            let (isIdle, isDown, hangUpsNow) = server.withWorld {
                ($0.isPaused || $0.isStopping, $0.isDown, $0.hangUps)
            }
            if isIdle || hangUpsNow != self.hangUps { continue }
            try accept(isDown: isDown)
            for connection in connections { connection.advance(server) }
            connections.removeAll { $0.isClosed }
        }
    }

    private func accept(isDown: Bool) throws {
        while let accepted = try listener?.accept() {
            if isDown {
                try accepted.take().resetWhenClosed()
                continue
            }
            let session = context.map { TLSSession(accepting: $0) }
            connections.append(
                ServedConnection(accepted.take(), session: session, demandsCertificate: security?.clients != nil)
            )
        }
    }
}
