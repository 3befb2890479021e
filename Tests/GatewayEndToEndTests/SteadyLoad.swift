import LabKit
import LinuxSystem
import NetworkAddress
import Synchronization

/// Clients that ask one thing after the other on connections that they keep, while a test changes the world.
final class SteadyLoad: Sendable {
    /// How the requests ended.
    struct Summary: Sendable {
        /// The responses with status 200.
        var served = 0
        /// What came in place of such a response, each once.
        var failures: [String] = []
    }

    private let summary = Mutex(Summary())
    private let isOver = Atomic<Bool>(false)
    private let running = Atomic<Int>(0)

    /// Starts to ask; every client has one connection, and counts it as a failure when that ends.
    init(_ gateway: GatewayLab, clients: Int = 4, hosts: [String], target: String = "/") throws {
        for number in 0..<clients {
            let stream = try gateway.connect()
            let host = hosts[number % hosts.count]
            running.add(1, ordering: .relaxed)
            _ = try Thread("load") { [self] in
                ask(stream, GatewayLab.request(target, host: host), host)
                running.subtract(1, ordering: .releasing)
            }
        }
    }

    /// The number of responses so far.
    var served: Int { summary.withLock(\.served) }

    /// Waits for a number of further responses.
    func awaitMore(_ count: Int) -> Bool {
        let start = served
        return eventually { served >= start + count || summary.withLock { !$0.failures.isEmpty } }
    }

    /// Has the clients end, and returns how their requests ended.
    func stop() -> Summary {
        isOver.store(true, ordering: .releasing)
        _ = eventually(within: .seconds(30)) { running.load(ordering: .acquiring) == 0 }
        return summary.withLock { $0 }
    }

    private func ask(_ stream: LabStream, _ request: String, _ host: String) {
        while !isOver.load(ordering: .acquiring) {
            do {
                try stream.send(request)
                guard let response = try stream.readResponse() else {
                    fail("\(host): the connection ended")
                    return
                }
                if response.status != 200 {
                    fail("\(host): \(response.startLine)")
                } else {
                    summary.withLock { $0.served += 1 }
                }
                if response["Connection"] != nil { fail("\(host): Connection: \(response["Connection"] ?? "")") }
            } catch {
                fail("\(host): \(error)")
                return
            }
        }
    }

    private func fail(_ text: String) {
        summary.withLock { summary in
            if !summary.failures.contains(text), summary.failures.count < 20 { summary.failures.append(text) }
        }
    }
}
