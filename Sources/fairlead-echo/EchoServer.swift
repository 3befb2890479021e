internal import LinuxSystem
internal import NetworkAddress

/// One thread that serves all ports of a pod.
struct EchoServer: ~Copyable {
    /// What a port speaks.
    enum Kind: String {
        case tcp, udp, http
    }

    private static let datagramBytesMax = 65_536

    /// How many connections or datagrams one port may bring before the others have their turn.
    private static let turnMax = 256

    /// Room for a wait; sockets cannot be array elements by themselves.
    private final class Listener {
        let kind: Kind
        /// The address that it was asked for, if any.
        let address: IPAddress?
        let socket: Socket

        init(kind: Kind, on address: IPAddress?, socket: consuming Socket) {
            self.kind = kind
            self.address = address
            self.socket = socket
        }
    }

    private let pod: String
    private let connectionsMax: Int
    private var listeners: [Listener] = []
    private var connections: [Int32: EchoConnection] = [:]
    private var control: EchoControl?
    /// What is served on each address that the control opens.
    private var services: [(kind: Kind, port: Port)] = []
    private var nextSweep = ContinuousClock.now

    /// Creates a server; when `connectionsMax` are open, new ones wait in the kernel's backlog.
    init(pod: String, connectionsMax: Int) {
        self.pod = pod
        self.connectionsMax = connectionsMax
    }

    /// Opens a port on an address, or on every address of both families.
    mutating func listen(_ kind: Kind, on address: IPAddress?, port: Port) throws(EchoError) {
        do throws(Errno) {
            if let address {
                listeners.append(try Self.listener(kind, on: address, port: port))
            } else {
                do throws(Errno) {
                    listeners.append(try Self.listener(kind, on: IPAddress(family: .ipv6, bits: 0), port: port))
                } catch .familyNotSupported, .addressNotAvailable {
                    // The kernel has no IPv6, or this namespace has it switched off.
                    listeners.append(try Self.listener(kind, on: IPAddress(ipv4: 0), port: port))
                }
            }
        } catch {
            throw .cannotListen("\(kind)/\(port)", address, error)
        }
    }

    private static func listener(_ kind: Kind, on address: IPAddress, port: Port) throws(Errno) -> Listener {
        guard kind == .udp else {
            return Listener(kind: kind, on: address, socket: try Socket.listening(on: address, port: port))
        }
        let socket = try Socket(.udp, family: address.family)
        try socket.bind(to: address, port: port)
        return Listener(kind: kind, on: address, socket: socket)
    }

    /// Does what lines of the standard input say, from `run` on.
    mutating func obey(_ control: EchoControl, services: [(kind: Kind, port: Port)]) {
        self.control = control
        self.services = services
    }

    /// Serves until the process is ended.
    mutating func run() throws -> Never {
        while true { try turn() }
    }

    private mutating func turn() throws {
        let isFull = connections.count >= connectionsMax
        var entries = listeners.map { Readiness(of: $0.socket.number, reading: $0.kind == .udp || !isFull) }
        entries += connections.values.map(\.interest)
        if let control, control.isOpen { entries.append(Readiness(of: control.number, reading: true)) }
        _ = try Readiness.wait(for: &entries, timeout: connections.isEmpty ? nil : .seconds(1))
        let now = ContinuousClock.now
        for entry in entries.dropFirst(listeners.count) where entry.isReadable || entry.isWritable {
            guard let connection = connections[entry.number] else { continue }
            if !connection.advance(now: now) { connections[entry.number] = nil }
        }
        for (listener, entry) in zip(listeners, entries) where entry.isReadable {
            if listener.kind == .udp {
                answerDatagrams(on: listener)
            } else {
                acceptConnections(on: listener, now: now)
            }
        }
        if let control, control.isOpen, entries.last?.isReadable == true {
            for command in control.read() { try carryOut(command, now: now) }
        }
        if now >= nextSweep {
            nextSweep = now + .seconds(1)
            connections = connections.filter { !$0.value.hasExpired(now: now) }
        }
    }

    private mutating func carryOut(_ command: EchoControl.Command, now: ContinuousClock.Instant) throws {
        switch command {
        case .open(let address):
            for (kind, port) in services { try listen(kind, on: address, port: port) }
        case .close(let address):
            // Those that wait were let in: they are served, as a pod that ends in good order does.
            for listener in listeners where listener.address == address && listener.kind != .udp {
                acceptConnections(on: listener, now: now)
            }
            listeners.removeAll { $0.address == address }
        case .say(let word):
            try StandardStream.output.write(word + "\n")
        }
    }

    private mutating func acceptConnections(on listener: Listener, now: ContinuousClock.Instant) {
        for _ in 0..<min(Self.turnMax, connectionsMax - connections.count) {
            // Errors of accept belong to one connection that never came to be, or pass when others close.
            guard let accepted = try? listener.socket.accept() else { return }
            let connection = EchoConnection(accepted, pod: pod, speaksHTTP: listener.kind == .http, now: now)
            if connection.advance(now: now) { connections[connection.number] = connection }
        }
    }

    private func answerDatagrams(on listener: Listener) {
        for _ in 0..<Self.turnMax {
            do throws(Errno) {
                guard let datagram = try listener.socket.receiveDatagram(upTo: Self.datagramBytesMax) else { return }
                let answer = Array("\(pod) \(datagram.sender) ".utf8) + datagram.bytes
                // An answer for which there is no room, or that is too long, is lost as any datagram may be.
                _ = try listener.socket.sendDatagram(answer, to: datagram.sender)
            } catch {
                // The error of an earlier answer, or of this one: it says nothing about the next datagram.
                continue
            }
        }
    }
}

/// Why a pod cannot be played.
enum EchoError: Error, CustomStringConvertible {
    case cannotListen(String, IPAddress?, Errno)
    case cannotProbe(TransportAddress, Errno)

    var description: String {
        switch self {
        case .cannotListen(let port, let address, let error):
            let place = address.map { " of \($0)" } ?? ""
            let advice = error == .addressInUse ? "; another program has it: see 'ss -lnp'" : ""
            return "cannot listen on \(port)\(place): \(error)\(advice)"
        case .cannotProbe(let target, let error):
            return "cannot wait for an answer of \(target): \(error)"
        }
    }
}
