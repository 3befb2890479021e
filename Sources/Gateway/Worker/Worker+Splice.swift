internal import ByteBuffers
internal import EventIO
internal import LinuxSystem
internal import Routing

/// Large bodies in clear move from socket to socket inside the kernel: a pipe lies between, and no byte is copied here.
///
/// ```
///  endpoint's socket ──splice──► pipe ──splice──► client's socket
/// ```
extension Worker {
    private static var pipeBytes: Int { 256 * 1024 }
    private static var sparePipesMax: Int { 64 }

    /// Whether the rest of the response is worth a pipe.
    func mayStartSplice(_ exchange: Int32) -> Bool {
        let rest = exchanges[exchange].responseRest
        guard rest >= settings.spliceBytesMin, exchanges[exchange].splice < 0,
            exchanges[exchange].phase == .responding, exchanges[exchange].flags.contains(.requestSent)
        else { return false }
        let (client, upstream) = (exchanges[exchange].client, exchanges[exchange].upstream)
        return io.links[client].session < 0 && io.links[upstream].session < 0 && !io.hasInput(upstream)
    }

    /// Opens a pipe for the rest of the response; without one, the body is copied as before.
    mutating func startSplice(_ exchange: Int32) {
        io.links[exchanges[exchange].upstream].flags.insert(.spliced)
        if let spare = sparePipes.popLast() {
            exchanges[exchange].splice = spare
            return
        }
        guard let pipe = try? SplicePipe(capacity: Self.pipeBytes) else { return }
        exchanges[exchange].splice = pipes.insert(pipe)
    }

    /// Moves as much of the response as both sockets allow now.
    mutating func spliceResponse(_ exchange: Int32) {
        let (client, upstream) = (exchanges[exchange].client, exchanges[exchange].upstream)
        guard upstream >= 0 else { return }
        // What waits for the client's socket goes on when that is ready, and the client's time runs since it was not.
        if exchanges[exchange].spliced > 0, !io.links[client].flags.contains(.mayWrite) { return }
        letClientRest(exchange)
        let pipe = pipes[exchanges[exchange].splice]
        for _ in 0..<Self.roundsMax {
            if exchanges[exchange].spliced == 0 {
                let wanted = Int(min(exchanges[exchange].responseRest, Int64(pipe.capacity)))
                let source = io.links[upstream].stream.number
                switch Stream.splice(from: source, to: pipe.writing, upTo: wanted, hasMore: true) {
                case .bytes(let count):
                    exchanges[exchange].spliced = Int32(count)
                    exchanges[exchange].responseRest -= Int64(count)
                    exchanges[exchange].upstreamBytes += Int64(count)
                case .wouldBlock:
                    io.links[upstream].flags.remove(.mayRead)
                    awaitResponse(exchange)
                    return
                case .end, .failed:
                    cut(exchange)
                    return
                }
            }
            let count = Int(exchanges[exchange].spliced)
            let hasMore = exchanges[exchange].responseRest > 0
            let sink = io.links[client].stream.number
            switch Stream.splice(from: pipe.reading, to: sink, upTo: count, hasMore: hasMore) {
            case .bytes(let moved):
                exchanges[exchange].spliced -= Int32(moved)
                exchanges[exchange].bodySent += Int64(moved)
                exchanges[exchange].bytesSent += Int64(moved)
            case .wouldBlock:
                io.links[client].flags.remove(.mayWrite)
                awaitReading(client)
                io.wheel.set(upstream, to: .max)
                return
            case .end, .failed:
                abandon(exchange)
                return
            }
            if exchanges[exchange].spliced == 0, exchanges[exchange].responseRest == 0 {
                closeSplice(exchange)
                // Exactly the response was taken: what may lie behind it is looked for before another request goes there.
                io.links[upstream].flags.insert(.mayRead)
                inbox.removeAll()
                outbox.removeAll()
                responseIsWhole(exchange)
                return
            }
        }
        enqueue(upstream)
    }

    /// Gives the pipe back; one that still holds bytes is emptied by closing it.
    mutating func closeSplice(_ exchange: Int32) {
        let index = exchanges[exchange].splice
        guard index >= 0 else { return }
        exchanges[exchange].splice = -1
        if exchanges[exchange].spliced == 0, sparePipes.count < Self.sparePipesMax {
            sparePipes.append(index)
            return
        }
        exchanges[exchange].spliced = 0
        pipes.remove(index).close()
    }

    /// Closes all pipes.
    mutating func closePipes() {
        for exchange in 0..<exchanges.limit where exchanges[exchange].splice >= 0 {
            pipes.remove(exchanges[exchange].splice).close()
            exchanges[exchange].splice = -1
        }
        while let index = sparePipes.popLast() { pipes.remove(index).close() }
    }
}
