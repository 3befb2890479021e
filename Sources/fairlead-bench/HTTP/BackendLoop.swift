internal import ByteBuffers
internal import EventIO
internal import LinuxSystem
internal import NetworkAddress

/// The event loop of the backend's thread.
final class BackendLoop {
    private struct Connection {
        var stream = Stream.none
        /// Which of the backend's addresses it came to.
        var address = 0
        /// Which body is being sent, and how much of its answer is out; nil when nothing is.
        var sending: BackendBody?
        var sent = 0
        /// The part of a request that has arrived.
        var partial: [UInt8] = []
    }

    private var poller: Poller
    private let listeners: [Listener]
    private let responses = BackendBody.allCases.map(\.response)
    private var connections: [Connection] = []
    private var scratch = ByteBuffer(capacity: 65_536)

    private final class Listener {
        let socket: Socket
        init(_ socket: consuming Socket) { self.socket = socket }
    }

    init() throws {
        poller = try Poller()
        listeners = try Backend.addresses.map { address in
            Listener(try Socket.sharingListener(on: address, port: Port(Backend.port)))
        }
        for (index, listener) in listeners.enumerated() {
            try poller.watch(listener.socket.number, token: UInt64.max - UInt64(index), .level)
        }
    }

    deinit {
        for connection in connections where connection.stream.isOpen { connection.stream.close() }
    }

    /// Waits a little for something to do, and does it; calls a closure with the address of each request.
    func turn(_ served: (Int) -> Void) throws {
        for index in 0..<poller.wait(milliseconds: 100) {
            let token = poller.token(at: index)
            if token > UInt64(UInt32.max) {
                try accept(Int(UInt64.max - token))
                continue
            }
            let events = poller.events(at: index)
            if events.allowWriting { send(Int(token)) }
            if events.allowReading { receive(Int(token), served) }
        }
    }

    private func accept(_ address: Int) throws {
        while true {
            switch Stream.accept(from: listeners[address].socket) {
            case .none: return
            case .exhausted(let error): throw error
            case .connection(let stream, _):
                let number = Int(stream.number)
                if number >= connections.count {
                    connections += Array(repeating: Connection(), count: number + 1 - connections.count)
                }
                connections[number] = Connection(stream: stream, address: address)
                try poller.watch(stream.number, token: UInt64(number), .edges)
            }
        }
    }

    private func receive(_ number: Int, _ served: (Int) -> Void) {
        let stream = connections[number].stream
        guard stream.isOpen else { return }
        while true {
            scratch.removeAll()
            switch stream.receive(into: &scratch, upTo: 65_536) {
            case .bytes(let count):
                take(number, served)
                // Fewer bytes than there was room for: nothing is left, and an edge tells of more.
                if count < 65_536 { return }
            case .wouldBlock: return
            case .end, .failed: return close(number)
            }
        }
    }

    /// Answers a request when all of it is there; proxies send none before the last is answered.
    private func take(_ number: Int, _ served: (Int) -> Void) {
        let isWhole = Self.endsHead(scratch.bytes)
        if !connections[number].partial.isEmpty || !isWhole {
            let request = connections[number].partial + Self.copy(scratch.bytes)
            connections[number].partial = request
            guard Self.endsHead(request.span) else { return }
            connections[number].sending = BackendBody(request: request.span)
            connections[number].partial = []
        } else {
            connections[number].sending = BackendBody(request: scratch.bytes)
        }
        guard connections[number].sending != nil else { return close(number) }
        connections[number].sent = 0
        served(connections[number].address)
        send(number)
    }

    private func send(_ number: Int) {
        guard let body = connections[number].sending else { return }
        let response = responses[body.rawValue]
        while connections[number].sent < response.count {
            let rest = connections[number].sent..<response.count
            switch connections[number].stream.send(response.span.extracting(rest)) {
            case .bytes(let count): connections[number].sent += count
            case .wouldBlock: return
            case .end, .failed: return close(number)
            }
        }
        connections[number].sending = nil
    }

    private func close(_ number: Int) {
        connections[number].stream.close()
        connections[number] = Connection()
    }

    private static func copy(_ bytes: borrowing Span<UInt8>) -> [UInt8] {
        var copy: [UInt8] = []
        for index in bytes.indices { copy.append(bytes[index]) }
        return copy
    }

    private static func endsHead(_ bytes: borrowing Span<UInt8>) -> Bool {
        let count = bytes.count
        return count >= 4 && bytes[count - 1] == 10 && bytes[count - 2] == 13 && bytes[count - 3] == 10
            && bytes[count - 4] == 13
    }
}
