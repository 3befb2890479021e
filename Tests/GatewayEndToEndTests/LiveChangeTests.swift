import Glibc
import LabKit
import Testing

/// Changes of the configuration under load: no request fails, and no connection ends because of them.
@Suite(.needsLab, .serialized)
struct LiveChangeTests {
    private func gateway(pods: Int) throws -> GatewayLab {
        let gateway = try GatewayLab(options: ["--workers", "2", "--configmap", "default/options"])
        for number in 0..<pods { try gateway.pod("pod-\(number)", number) }
        try gateway.put([
            Manifest.ingressClass("nginx"), Manifest.service("web"),
            Manifest.ingress("web", host: "web", [.prefix("/", to: "web")]),
            // No connection ends for having been used often.
            Manifest.configMap("options", ["keep-alive-requests": "1000000"]),
        ])
        try gateway.put(Manifest.endpoints("web", (0..<pods).map(GatewayLab.podAddress)), in: "endpoints.yaml")
        try gateway.start()
        return gateway
    }

    @Test func `Routes come, change and go while others are served`() throws {
        let gateway = try gateway(pods: 1)
        let load = try SteadyLoad(gateway, hosts: ["web"])
        for round in 0..<5 {
            try gateway.awaitTables {
                try gateway.put(Manifest.ingress("new", host: "new", [.prefix("/a", to: "web")]), in: "new.yaml")
            }
            #expect(try gateway.ask("/a", host: "new").status == 200, "round \(round)")
            #expect(try gateway.ask("/b", host: "new").status == 404, "round \(round)")
            try gateway.awaitTables {
                try gateway.put(Manifest.ingress("new", host: "new", [.prefix("/b", to: "web")]), in: "new.yaml")
            }
            #expect(try gateway.ask("/a", host: "new").status == 404, "round \(round)")
            #expect(try gateway.ask("/b", host: "new").status == 200, "round \(round)")
            try gateway.awaitTables { gateway.remove("new.yaml") }
            #expect(try gateway.ask("/b", host: "new").status == 404, "round \(round)")
        }
        #expect(load.awaitMore(20))
        let summary = load.stop()
        #expect(summary.failures.isEmpty && summary.served > 100, "\(summary)")
    }

    @Test func `Endpoints are replaced twenty times a second, and every request is served`() throws {
        let gateway = try gateway(pods: 4)
        let load = try SteadyLoad(gateway, clients: 6, hosts: ["web"])
        for round in 0..<40 {
            let chosen = [round % 4, (round + 1) % 4].map(GatewayLab.podAddress)
            try gateway.put(Manifest.endpoints("web", chosen), in: "endpoints.yaml")
            usleep(50_000)
        }
        #expect(load.awaitMore(20))
        let summary = load.stop()
        #expect(summary.failures.isEmpty && summary.served > 100, "\(summary)")
        #expect(gateway.pods.allSatisfy { !$0.requests.isEmpty })
    }

    @Test func `Endpoints that leave are asked no more, and one that is gone at once harms nobody`() throws {
        let gateway = try gateway(pods: 3)
        let load = try SteadyLoad(gateway, hosts: ["web"])
        #expect(load.awaitMore(30))
        // The pod ends before anybody has said so: connections break, and others are asked.
        gateway.pods[2].stop()
        #expect(load.awaitMore(30))
        try gateway.awaitTables {
            try gateway.put(Manifest.endpoints("web", [0, 1].map(GatewayLab.podAddress)), in: "endpoints.yaml")
        }
        #expect(load.awaitMore(30))
        // The pod leaves first and ends later.
        try gateway.awaitTables {
            try gateway.put(Manifest.endpoints("web", [GatewayLab.podAddress(0)]), in: "endpoints.yaml")
        }
        #expect(load.awaitMore(10))
        gateway.pods[1].forget()
        #expect(load.awaitMore(30))
        #expect(gateway.pods[1].requests.isEmpty)
        let summary = load.stop()
        #expect(summary.failures.isEmpty, "\(summary)")
    }

    @Test func `A response that is under way outlives its route`() throws {
        let gateway = try GatewayLab(options: ["--workers", "1"])
        try gateway.service("web", 1) { visit in
            guard try visit.next() != nil else { return }
            try visit.stream.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst")
            while try !visit.stream.isQuiet(for: .milliseconds(1)) {}
            guard eventually({ visit.backend.requests.count > 1 }) else { return }
            try visit.stream.send("-last")
            _ = try visit.stream.readToEnd()
        }
        let signal = try gateway.service("signal", 2)
        try gateway.put([
            Manifest.ingressClass("nginx"), Manifest.ingress("s", host: "signal", [.prefix("/", to: "signal")]),
        ])
        try gateway.put(Manifest.ingress("web", host: "web", [.prefix("/", to: "web")]), in: "web.yaml")
        try gateway.start()
        let stream = try gateway.connect()
        try stream.send(GatewayLab.request(host: "web"))
        #expect(try stream.readHead()?.status == 200)
        try gateway.awaitTables { gateway.remove("web.yaml") }
        #expect(try gateway.ask(host: "web").status == 404)
        #expect(try gateway.ask(host: "signal").status == 200)
        #expect(signal.requests.count == 1)
        // The pod goes on when it sees another visitor.
        let visitor = try LabStream.connect(in: gateway.namespace, to: gateway.pods[0].address)
        try visitor.send(GatewayLab.request(host: "web"))
        #expect(try String(decoding: stream.read(count: 10), as: UTF8.self) == "first-last")
        // The connection stays, and the next request goes by the new routes.
        try stream.send(GatewayLab.request(host: "web"))
        #expect(try stream.readResponse()?.status == 404)
    }
}
