import APIServerTestKit
import KubernetesAPI
import ListWatch
import Testing

@testable import ClusterState

@Suite(.serialized) struct `A watch that is cut at every byte of an event` {
    /// The bytes of a watch's answer with one event, as the stand-in server sends them.
    private static let answerBytes = 900

    @Test(arguments: [false, true])
    func `loses nothing and takes nothing back`(_ isReset: Bool) throws {
        let server = try StandInAPIServer()
        defer { server.stop() }
        server.apply([service("a", port: 1), service("b")], to: Paths.services)
        let reader = try Reader(server)
        #expect(reader.run { reader.names == ["a", "b"] })
        for byte in stride(from: 0, to: Self.answerBytes, by: isReset ? 37 : 1) {
            // The next watch begins with the change, and is cut within its head or its event.
            server.fail(ServerFault(isReset ? .reset(afterBytes: byte) : .cut(afterBytes: byte), isWatch: true))
            let port = byte + 2
            server.goDown(true)
            server.apply(service("a", port: port), to: Paths.services)
            server.goDown(false)
            guard reader.run(until: { reader.port(of: "a") == UInt16(port) }) else {
                Issue.record("cut after \(byte) bytes: the change was not seen")
                return
            }
        }
        #expect(reader.removals == [])
        #expect(reader.source.listCount(of: .services) == 1)
    }

    @Test func `loses no deletion`() throws {
        let server = try StandInAPIServer()
        defer { server.stop() }
        let reader = try Reader(server)
        reader.run { reader.source.hasSynced }
        for byte in stride(from: 0, to: Self.answerBytes, by: 11) {
            let name = "s\(byte)"
            server.apply(service(name), to: Paths.services)
            guard reader.run(until: { reader.names == [name] }) else {
                Issue.record("cut after \(byte) bytes: the Service was not seen")
                return
            }
            server.fail(ServerFault(.cut(afterBytes: byte), isWatch: true))
            server.goDown(true)
            server.delete(name, from: Paths.services)
            server.goDown(false)
            guard reader.run(until: { reader.names == [] }) else {
                Issue.record("cut after \(byte) bytes: the deletion was not seen")
                return
            }
        }
        #expect(reader.source.listCount(of: .services) == 1)
    }
}
