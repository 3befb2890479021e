import LabKit
import Synchronization
import Testing

/// Bodies that no memory should hold.
@Suite(.needsLab, .serialized)
struct LargeBodyTests {
    static let mebibyte = 1 << 20
    /// A mebibyte in which every place tells where it is, to a period that is no power of two.
    static let block = (0..<mebibyte).map { UInt8($0 % 251) }

    @Test func `A download of 200 MB arrives to the byte, and the gateway holds little of it`() throws {
        let (gateway, _) = try GatewayLab.web { visit in
            while try visit.next() != nil {
                try visit.stream.send("HTTP/1.1 200 OK\r\nContent-Length: \(200 << 20)\r\n\r\n")
                for _ in 0..<200 { try visit.stream.send(Self.block) }
            }
        }
        let stream = try gateway.connect()
        for _ in 0..<2 {
            let before = try gateway.residentBytes()
            try stream.send(GatewayLab.request(host: "web"))
            #expect(try stream.readHead()?["Content-Length"] == "\(200 << 20)")
            #expect(try stream.readRepeated(Self.block, count: 200 << 20) == 0)
            #expect(try gateway.residentBytes() - before < 16 << 20)
        }
    }

    @Test(arguments: ["Content-Length: \(50 << 20)", "Transfer-Encoding: chunked"])
    func `An upload of 50 MB is streamed`(framing: String) throws {
        let (gateway, pod) = try GatewayLab.web(annotations: ["proxy-body-size": "0"]) { visit in
            while try visit.next() != nil { try visit.answer(body: "taken") }
        }
        let stream = try gateway.connect()
        let before = try gateway.residentBytes()
        try stream.send(GatewayLab.request(host: "web", method: "PUT", [framing]))
        for _ in 0..<50 {
            if framing.hasSuffix("chunked") { try stream.send("100000\r\n") }
            try stream.send(Self.block)
            if framing.hasSuffix("chunked") { try stream.send("\r\n") }
        }
        if framing.hasSuffix("chunked") { try stream.send("0\r\n\r\n") }
        #expect(try stream.readResponse()?.text == "taken")
        #expect(pod.requests.first?.bodyLength == 50 << 20)
        #expect(pod.requests.first?.body == Self.block)
        #expect(try gateway.residentBytes() - before < 16 << 20)
    }

    @Test(arguments: ["Content-Length: \(64 << 20)", "Transfer-Encoding: chunked"])
    func `A client that does not read slows its endpoint down, and costs little memory`(framing: String) throws {
        let isChunked = framing.hasSuffix("chunked")
        let sent = Atomic<Int>(0)
        let (gateway, _) = try GatewayLab.web { visit in
            while try visit.next() != nil {
                try visit.stream.send("HTTP/1.1 200 OK\r\n\(framing)\r\n\r\n")
                for _ in 0..<64 {
                    if isChunked { try visit.stream.send("100000\r\n") }
                    try visit.stream.send(Self.block)
                    if isChunked { try visit.stream.send("\r\n") }
                    sent.add(1, ordering: .relaxed)
                }
                if isChunked { try visit.stream.send("0\r\n\r\n") }
            }
        }
        let before = try gateway.residentBytes()
        let stream = try gateway.connect(receiveBuffer: 16 * 1024)
        try stream.send(GatewayLab.request(host: "web"))
        // The endpoint stands still long before the end: the kernel's buffers are full, and nobody takes more.
        var seen = -1
        #expect(
            try eventually {
                let now = sent.load(ordering: .relaxed)
                defer { seen = now }
                _ = try stream.isQuiet(for: .milliseconds(100))
                return now == seen && now < 60
            }
        )
        #expect(try gateway.residentBytes() - before < 16 << 20)
        // Others are served meanwhile.
        #expect(try gateway.ask("/none", host: "unknown").status == 404)
        stream.reset()
    }

    @Test func `An endpoint that does not read slows its client down, and costs little memory`() throws {
        let reads = Mutex(false)
        let (gateway, pod) = try GatewayLab.web(annotations: ["proxy-body-size": "0"]) { visit in
            while !reads.withLock({ $0 }) { _ = try visit.stream.isQuiet(for: .milliseconds(5)) }
            while try visit.next() != nil { try visit.answer(body: "taken") }
        }
        let before = try gateway.residentBytes()
        let stream = try gateway.connect()
        stream.wait(atMost: .milliseconds(300))
        try stream.send(GatewayLab.request(host: "web", method: "PUT", ["Content-Length: \(64 << 20)"]))
        var sent = 0
        while sent < 64, (try? stream.send(Self.block)) != nil { sent += 1 }
        #expect(sent < 60)
        #expect(try gateway.residentBytes() - before < 16 << 20)
        #expect(pod.requests.isEmpty)
        reads.withLock { $0 = true }
        stream.reset()
    }
}
