import LabKit
import LinuxSystem
import NetworkAddress
import Synchronization

/// A name server in a namespace of a lab: it answers what a test says, and keeps what it was asked (RFC 1035).
final class NameServer: Sendable {
    /// What becomes of questions for a name.
    enum Behaviour: Sendable {
        /// It has these addresses, for so many seconds.
        case addresses([IPAddress], seconds: UInt32)
        /// There is no such name.
        case noSuchName
        /// The server cannot tell.
        case failure
        /// Nobody answers.
        case silence
    }

    private struct State {
        var behaviours: [String: Behaviour] = [:]
        var questions: [String: Int] = [:]
    }

    private let socket: Mutex<Socket?>
    private let number: Int32
    private let wakeup: Wakeup
    private let state = Mutex(State())

    /// Starts a server on port 53 of an address.
    init(in namespace: Lab.Namespace, at address: IPAddress) throws {
        var made: Socket?
        try withNetworkNamespace(named: namespace.name) {
            let socket = try Socket(.udp, family: address.family)
            try socket.bind(to: address, port: Port(53))
            made = consume socket
        }
        guard let made else { throw Errno.invalidArgument }
        number = made.number
        socket = Mutex(made)
        wakeup = try Wakeup()
        _ = try Thread("names") { [self] in serve() }
    }

    /// Ends the server.
    func stop() { wakeup.ring() }

    /// Answers questions for a name in this way from now on; those for unknown names are answered that there is none.
    func answer(_ name: String, with behaviour: Behaviour) { state.withLock { $0.behaviours[name] = behaviour } }

    /// How often it was asked for addresses of the fourth version of a name.
    func questionCount(_ name: String) -> Int { state.withLock { $0.questions[name, default: 0] } }

    private func serve() {
        while true {
            var waits = [Readiness(of: number, reading: true), Readiness(of: wakeup.descriptor, reading: true)]
            guard (try? Readiness.wait(for: &waits, timeout: nil)) == true, !waits[1].isReadable else { break }
            socket.withLock { socket in
                guard let datagram = try? socket?.receiveDatagram(upTo: 512),
                    let answer = answer(to: datagram.bytes)
                else { return }
                _ = try? socket?.sendDatagram(answer, to: datagram.sender)
            }
        }
        socket.withLock { $0 = nil }
    }

    private func answer(to question: [UInt8]) -> [UInt8]? {
        guard question.count > 16 else { return nil }
        var labels: [String] = []
        var position = 12
        while position < question.count, question[position] != 0 {
            let end = position + 1 + Int(question[position])
            guard end < question.count else { return nil }
            labels.append(String(decoding: question[(position + 1)..<end], as: UTF8.self))
            position = end
        }
        let end = position + 5
        guard end <= question.count else { return nil }
        let name = labels.joined(separator: ".").lowercased()
        // 1 asks for addresses of the fourth version, 28 for those of the sixth.
        let kind = question[position + 2]
        let behaviour = state.withLock { state in
            if kind == 1 { state.questions[name, default: 0] += 1 }
            return state.behaviours[name] ?? .noSuchName
        }
        var records: [[UInt8]] = []
        var code: UInt8 = 0
        switch behaviour {
        case .silence: return nil
        case .failure: code = 2
        case .noSuchName: code = 3
        case .addresses(let addresses, let seconds):
            for address in addresses where (address.family == .ipv4 ? 1 : 28) == kind {
                let time = (0..<4).map { UInt8(truncatingIfNeeded: seconds >> (24 - 8 * UInt32($0))) }
                let octets = address.octets
                // The name is that of the question, at byte 12.
                records.append([0xc0, 12, 0, kind, 0, 1] + time + [0, UInt8(octets.count)] + octets)
            }
        }
        // A response, with recursion, to one question.
        let head = question[0..<2] + [0x81, 0x80 | code, 0, 1, 0, UInt8(records.count), 0, 0, 0, 0]
        return Array(head) + question[12..<end] + records.joined()
    }
}
