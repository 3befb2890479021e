import APIServerTestKit
import KubeConfig
import KubernetesAPI
import LinuxSystem
import ListWatch
import NetworkAddress
import TLS
import Testing

@testable import ClusterState

@Suite(.serialized) struct `A server behind TLS` {
    /// A server with a certificate of a test's authority, and an access that trusts it.
    private func server(
        authority: TestAuthority,
        name: String = "IP:127.0.0.1",
        clients: ClientAuthentication? = nil
    ) throws -> (StandInAPIServer, ClusterAccess) {
        let issued = try authority.issue("server", name: name)
        let certificate = try TLSCertificate(chain: issued.certificate, key: issued.key)
        let security = StandInAPIServer.Security(certificate: certificate, clients: clients)
        let server = try StandInAPIServer(security: security)
        server.apply([service("a"), service("b")], to: Paths.services)
        var access = ClusterAccess(server: ServerAddress(host: "127.0.0.1", port: server.port.rawValue))
        access.authorities = .bytes(authority.certificate)
        return (server, access)
    }

    @Test func `is believed for its address`() throws {
        let (server, access) = try server(authority: TestAuthority())
        defer { server.stop() }
        let reader = try Reader(access)
        #expect(reader.run { reader.names == ["a", "b"] })
        server.apply(service("c"), to: Paths.services)
        #expect(reader.run { reader.names == ["a", "b", "c"] })
    }

    @Test func `is believed for another name if it is told`() throws {
        var (server, access) = try server(authority: TestAuthority(), name: "DNS:kubernetes.default.svc")
        defer { server.stop() }
        let reader = try Reader(access)
        #expect(reader.run { !reader.problems.isEmpty })
        #expect(reader.problems.first?.message.contains("TLS: the peer's certificate is refused") == true)
        #expect(reader.names == [])
        access.serverName = "kubernetes.default.svc"
        let other = try Reader(access)
        #expect(other.run { other.names == ["a", "b"] })
    }

    @Test func `is not believed with a certificate of somebody else`() throws {
        var (server, access) = try server(authority: TestAuthority())
        defer { server.stop() }
        access.authorities = .bytes(try TestAuthority().certificate)
        let reader = try Reader(access)
        #expect(reader.run { !reader.problems.isEmpty })
        #expect(reader.problems.first?.message.contains("TLS: the peer's certificate is refused") == true)
        access.authorities = nil
        access.skipsVerification = true
        let careless = try Reader(access)
        #expect(careless.run { careless.names == ["a", "b"] })
    }

    @Test func `is believed again once the authorities in the file are its own`() throws {
        let folder = try TemporaryFolder()
        let right = try TestAuthority()
        let wrong = try TestAuthority()
        try folder.write("ca.crt", String(decoding: wrong.certificate, as: UTF8.self))
        var (server, access) = try server(authority: right)
        defer { server.stop() }
        access.authorities = .file(folder.path("ca.crt"))
        let reader = try Reader(access)
        #expect(reader.run { !reader.problems.isEmpty })
        try folder.write("ca.crt", String(decoding: right.certificate, as: UTF8.self))
        #expect(reader.run { reader.names == ["a", "b"] && reader.problems.isEmpty })
    }

    @Test func `is shown the certificate of the client`() throws {
        let authority = try TestAuthority()
        let clients = ClientAuthentication(authorities: try TrustAnchors(pem: authority.certificate))
        var (server, access) = try server(authority: authority, clients: clients)
        defer { server.stop() }
        let stranger = try Reader(access)
        #expect(stranger.run { !stranger.problems.isEmpty })
        #expect(stranger.problems.first?.message.contains("the credentials are refused") == true)
        let issued = try authority.issue("client", name: "DNS:client")
        access.clientCertificate = ClusterAccess.ClientCertificate(
            certificate: .bytes(issued.certificate),
            key: .bytes(issued.key)
        )
        let reader = try Reader(access)
        #expect(reader.run { reader.names == ["a", "b"] })
    }

    @Test func `is cut off at many places`() throws {
        let (server, access) = try server(authority: TestAuthority())
        defer { server.stop() }
        let reader = try Reader(access)
        #expect(reader.run { reader.names == ["a", "b"] })
        for byte in stride(from: 0, to: 900, by: 50) {
            server.fail(ServerFault(.cut(afterBytes: byte), isWatch: true))
            server.goDown(true)
            server.apply(service("a", port: byte + 2), to: Paths.services)
            server.goDown(false)
            #expect(reader.run { reader.port(of: "a") == UInt16(byte + 2) }, "cut after \(byte) bytes")
        }
        #expect(reader.removals == [])
    }
}
