import Gateway
import Testing

struct `A worker that ends` {
    @Test func `completes a request whose head had begun`() throws {
        let bench = try WorkerBench()
        let client = try bench.connect()
        try client.send("GET / HTTP/1.1\r\nHo")
        let other = try bench.connect()
        try other.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        let slow = try bench.endpoint.accept()
        _ = try slow.receive(through: "\r\n\r\n")
        bench.pool.close(within: 10_000)
        pause(100)
        try client.send("st: a\r\n\r\n")
        let endpoint = try bench.endpoint.accept()
        _ = try endpoint.receive(through: "\r\n\r\n")
        try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        #expect(try client.receiveAll().hasSuffix("ok"))
        try slow.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow")
        #expect(try other.receiveAll().hasSuffix("slow"))
    }

    @Test func `answers a connection that the kernel had taken for it`() throws {
        for _ in 0..<5 {
            let bench = try WorkerBench()
            let client = try bench.connect()
            bench.pool.close(within: 10_000)
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            let endpoint = try bench.endpoint.accept()
            _ = try endpoint.receive(through: "\r\n\r\n")
            try endpoint.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            #expect(try client.receiveAll().hasSuffix("ok"))
        }
    }
}
