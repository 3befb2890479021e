internal import ByteBuffers
internal import LinuxSystem
internal import TLS

/// One connection of a client of the server.
final class ServedConnection {
    private var socket: Socket?
    private var session: TLSSession?
    private var received: [UInt8] = []
    private var plain = ByteBuffer()
    private var encrypted = ByteBuffer()
    private var output: [UInt8] = []
    private var watch: ServedWatch?
    /// How many bytes of the answer may still go out before the connection is cut.
    private var bytesLeft: Int?
    private var endsWithReset = false
    private var isSilent = false
    private var closesWhenSent = false

    private let demandsCertificate: Bool

    init(_ socket: consuming Socket, session: consuming TLSSession?, demandsCertificate: Bool) {
        self.demandsCertificate = demandsCertificate
        try? socket.disableDelay()
        self.socket = consume socket
        self.session = consume session
    }

    var number: Int32 { socket?.number ?? -1 }
    var isClosed: Bool { socket == nil }
    var wantsToWrite: Bool { !output.isEmpty || !encrypted.isEmpty }

    /// Reads, answers and writes as much as is possible at once.
    func advance(_ server: StandInAPIServer) {
        do throws(Errno) {
            try read()
            if !isSilent {
                while watch == nil, !closesWhenSent, let request = ParsedRequest(takenFrom: &received) {
                    let isStranger = demandsCertificate && session?.peerVerdict != .trusted
                    begin(
                        server.withWorld { world in
                            isStranger
                                ? world.status(401, reason: "Unauthorized", "Unauthorized")
                                : world.answer(request.request, isGzipTaken: request.takesGzip)
                        }
                    )
                }
                if var following = watch {
                    let (events, isOver) = server.withWorld { following.events(in: &$0) }
                    output += events
                    watch = isOver ? nil : following
                }
            }
            try write()
        } catch { close() }
    }

    private func begin(_ answer: ServedAnswer) {
        bytesLeft = answer.bytesMax
        endsWithReset = answer.endsWithReset
        isSilent = answer.isSilent
        output += answer.bytes
        watch = answer.watch
        closesWhenSent = answer.closes
    }

    private func read() throws(Errno) {
        while true {
            switch try socket?.receive(upTo: 64 * 1024) {
            case nil, .wouldBlock?: return
            case .end?:
                close()
                return
            case .bytes(let bytes)?:
                guard session != nil else {
                    received += bytes
                    continue
                }
                if case .failed? = session?.receive(bytes.span, plaintext: &plain, output: &encrypted) {
                    closesWhenSent = true
                }
                for index in 0..<plain.count { received.append(plain.bytes[index]) }
                plain.removeAll()
            }
        }
    }

    private func write() throws(Errno) {
        var isCut = false
        if let left = bytesLeft, output.count >= left {
            output.removeSubrange(left...)
            isCut = true
            bytesLeft = nil
        } else if let left = bytesLeft {
            bytesLeft = left - output.count
        }
        if session == nil {
            encrypted.append(output)
            output = []
        } else if session?.isEstablished == true, !output.isEmpty {
            _ = session?.send(output.span, output: &encrypted)
            output = []
        }
        while !encrypted.isEmpty, socket != nil {
            var piece: [UInt8] = []
            for index in 0..<min(encrypted.count, 64 * 1024) { piece.append(encrypted.bytes[index]) }
            let count = try socket?.send(piece[...]) ?? 0
            if count == 0 { break }
            encrypted.removeFirst(count)
        }
        if isCut || (closesWhenSent && encrypted.isEmpty && output.isEmpty) {
            if isCut, endsWithReset { try socket?.resetWhenClosed() }
            close()
        }
    }

    private func close() {
        socket = nil
        session = nil
        watch = nil
    }
}
