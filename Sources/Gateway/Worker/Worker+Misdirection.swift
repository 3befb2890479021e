internal import ByteBuffers
internal import HTTPWire
internal import TLS

extension Worker {
    /// Whether a request came over a TLS connection that was made for other hosts than the one in `hostText`.
    ///
    /// Browsers use one connection for all hosts of its certificate; where that is not the host's, the answer 421 makes
    /// them open another. A proxy that the operator trusts asks for many hosts on connections of its own.
    func isMisdirected(_ exchange: Int32, _ head: RequestHead) -> Bool {
        let session = io.links[exchanges[exchange].client].session
        guard session >= 0, head.hasHost, !io.sessions[session].isNamed(hostText.lent),
            !exchanges[exchange].flags.contains(.isBelieved)
        else { return false }
        var name = ByteBuffer(capacity: 0)
        io.sessions[session].appendServerName(to: &name)
        return !shelf.tables.certificates.serves(hostText.lent, toClientsOf: name.bytes)
    }
}
