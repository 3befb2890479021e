import LabKit
import LinuxSystem
import NetworkAddress
import Testing

/// A connection to a port of this machine.
private struct HostileConnection: ~Copyable {
    private let socket: Socket

    init(to port: Port) throws {
        let socket = try Socket(.tcp, family: .ipv4)
        _ = try socket.connect(to: TransportAddress(IPAddress(127, 0, 0, 1), port))
        self.init(socket)
    }

    init(_ socket: consuming Socket) { self.socket = socket }

    /// Sends a short text.
    func send(_ text: String) throws {
        var waits = [Readiness(of: socket.number, writing: true)]
        _ = try Readiness.wait(for: &waits, timeout: .seconds(10))
        _ = try socket.send(Array(text.utf8)[...])
    }

    /// What comes up to the end of a head; empty when it is the end of the connection or takes too long.
    func receiveHead() throws -> String {
        var text = ""
        while !text.contains("\r\n\r\n") {
            switch try socket.receive(upTo: 65_536) {
            case .bytes(let bytes): text += String(decoding: bytes, as: UTF8.self)
            case .end: return ""
            case .wouldBlock:
                var waits = [Readiness(of: socket.number, reading: true)]
                if try !Readiness.wait(for: &waits, timeout: .seconds(10)) { return "" }
            }
        }
        return text
    }
}

/// A gateway of its own with very few descriptors, before an endpoint that answers everything with 200.
private final class ShortGateway {
    let lab: Lab
    let process: LabProcess
    let port: Port
    let endpoint: Socket

    init(descriptors: Int) throws {
        lab = try Lab()
        endpoint = try .listening(on: IPAddress(127, 0, 0, 1), port: nil)
        let endpointPort = try #require(try endpoint.localAddress()).port
        port = try #require(try Socket.listening(on: IPAddress(127, 0, 0, 1), port: nil).localAddress()).port
        let folder = try lab.makeDirectory("manifests")
        _ = try lab.write(Self.manifests(endpointPort), to: "manifests/all.yaml")
        let gateway = try LabPrograms.path(of: "fairlead-gateway")
        process = try lab.start([
            "sh", "-c",
            "ulimit -n \(descriptors) && exec \(gateway) --manifests \(folder) --bind-address 127.0.0.1 --http-port \(port)"
                + " --https-port 0 --healthz-port 0 --workers 1 --access-log off",
        ])
        try process.waitForLine(containing: "ready")
    }

    private static func manifests(_ port: Port) -> String {
        """
        apiVersion: networking.k8s.io/v1
        kind: IngressClass
        metadata: {name: nginx}
        spec: {controller: k8s.io/ingress-nginx}
        ---
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: web, namespace: default}
        spec:
          ingressClassName: nginx
          rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: default}
        spec: {ports: [{port: 80, targetPort: \(port)}]}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: web-1, namespace: default, labels: {kubernetes.io/service-name: web}}
        addressType: IPv4
        ports: [{port: \(port)}]
        endpoints: [{addresses: [127.0.0.1], conditions: {ready: true}}]

        """
    }

    /// Sends a request on a connection, plays the endpoint if it gets there, and returns the status line.
    func exchange(_ client: borrowing HostileConnection) throws -> Substring {
        try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        var waits = [Readiness(of: endpoint.number, reading: true)]
        if try Readiness.wait(for: &waits, timeout: .seconds(2)), let connection = try endpoint.accept() {
            let server = HostileConnection(connection.take())
            _ = try server.receiveHead()
            try server.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
            return try client.receiveHead().prefix { $0 != "\r\n" }
        }
        return try client.receiveHead().prefix { $0 != "\r\n" }
    }
}

/// An array cannot hold what cannot be copied.
private final class HeldConnection {
    let connection: HostileConnection
    init(to port: Port) throws { connection = try HostileConnection(to: port) }
}

struct `A gateway with too few descriptors` {
    @Test func `serves those whom it took, and takes others when some have left`() throws {
        let gateway = try ShortGateway(descriptors: 200)
        let first = try HostileConnection(to: gateway.port)
        let before = try gateway.exchange(first)
        #expect(before == "HTTP/1.1 200 OK")
        // More than it can take: the rest waits in the kernel.
        var crowd = try (0..<250).map { _ in try HeldConnection(to: gateway.port) }
        let during = try gateway.exchange(first)
        #expect(during == "HTTP/1.1 200 OK")
        crowd.removeFirst(200)
        let waiting = try #require(crowd.last)
        let after = try gateway.exchange(waiting.connection)
        #expect(after == "HTTP/1.1 200 OK")
        crowd.removeAll()
        let new = try HostileConnection(to: gateway.port)
        let again = try gateway.exchange(new)
        #expect(again == "HTTP/1.1 200 OK")
        let status = gateway.process.stop()
        #expect(status == 0)
    }
}
