import ByteBuffers
import NetworkAddress
import TLS

/// A client and a server whose bytes travel in memory.
struct SessionPair: ~Copyable {
    var client: TLSSession
    var server: TLSSession
    var toServer = ByteBuffer()
    var toClient = ByteBuffer()
    var heardByServer = ByteBuffer()
    var heardByClient = ByteBuffer()
    var clientProgress = TLSProgress.handshaking
    var serverProgress = TLSProgress.handshaking

    init(
        _ clientContext: TLSClientContext,
        _ serverContext: TLSServerContext,
        host: String? = "a.test",
        key: UInt64? = nil
    ) {
        self.init(clientContext, serverContext, to: host.map { PeerName($0) } ?? .anyone, key: key)
    }

    init(_ clientContext: TLSClientContext, _ serverContext: TLSServerContext, to peer: PeerName, key: UInt64? = nil) {
        client = TLSSession(connecting: clientContext, to: peer, resumingWith: key)
        server = TLSSession(accepting: serverContext)
        clientProgress = client.start(output: &toServer)
    }

    /// Carries bytes both ways until there are none, in pieces of at most some size.
    mutating func settle(piece: Int = .max) {
        while !toServer.isEmpty || !toClient.isEmpty {
            deliverToServer(min(piece, toServer.count))
            deliverToClient(min(piece, toClient.count))
        }
    }

    mutating func deliverToServer(_ count: Int) {
        if count == 0 { return }
        serverProgress = Self.carry(count, from: &toServer, to: &server, plaintext: &heardByServer, output: &toClient)
    }

    mutating func deliverToClient(_ count: Int) {
        if count == 0 { return }
        clientProgress = Self.carry(count, from: &toClient, to: &client, plaintext: &heardByClient, output: &toServer)
    }

    private static func carry(
        _ count: Int,
        from source: inout ByteBuffer,
        to session: inout TLSSession,
        plaintext: inout ByteBuffer,
        output: inout ByteBuffer
    ) -> TLSProgress {
        let progress = session.receive(
            source.bytes.extracting(0..<count),
            plaintext: &plaintext,
            output: &output
        )
        source.removeFirst(count)
        return progress
    }

    mutating func sayToServer(_ bytes: [UInt8]) { clientProgress = client.send(bytes.span, output: &toServer) }
    mutating func sayToClient(_ bytes: [UInt8]) { serverProgress = server.send(bytes.span, output: &toClient) }

    /// What the client asked for, as the server saw it.
    var serverName: String {
        var name = ByteBuffer()
        server.appendServerName(to: &name)
        return name.text
    }
}

extension ByteBuffer {
    /// The bytes as an array.
    var array: [UInt8] {
        var copy: [UInt8] = []
        copy.reserveCapacity(count)
        let bytes = bytes
        for index in bytes.indices { copy.append(bytes[index]) }
        return copy
    }

    /// The bytes as text.
    var text: String { String(decoding: array, as: UTF8.self) }
}

/// What most tests begin with.
enum Fixture {
    /// A table that presents, for each name, a certificate whose subject is that name, and `fallback` for others.
    static func table(_ names: String..., rejectsUnknownNames: Bool = false) throws -> CertificateTable {
        CertificateTable(fallback: try host("fallback"), rejectsUnknownNames: rejectsUnknownNames)
            .applying(try names.map { .set($0, try host($0)) })
    }

    static func host(
        _ name: String,
        demanding demand: ClientAuthentication? = nil
    ) throws -> CertificateTable.Host {
        CertificateTable.Host(
            certificates: [try .selfSigned(names: [name], commonName: name)],
            clientAuthentication: demand
        )
    }

    static func server(_ table: CertificateTable, keys: TicketKeys = TicketKeys()) throws -> TLSServerContext {
        try TLSServerContext(table: table, ticketKeys: keys)
    }

    /// A server that presents the leaf that the test authority vouches for, whatever it is asked for.
    static func server(presenting chain: String, key: String) throws -> TLSServerContext {
        let certificate = try certificate(chain, key)
        return try server(CertificateTable(fallback: CertificateTable.Host(certificates: [certificate])))
    }

    static func certificate(_ chain: String, _ key: String) throws -> TLSCertificate {
        try TLSCertificate(chain: Array(chain.utf8), key: Array(key.utf8))
    }

    static func trustingClient() throws -> TLSClientContext { try TLSClientContext(trust: .anybody) }

    static var authority: TrustAnchors {
        get throws { try TrustAnchors(pem: Array(TestCertificates.authority.utf8)) }
    }
}
