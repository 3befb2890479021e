package import NetworkAddress

/// Hashes that every worker, every replica and every later version must compute alike: cookies and routes rest on them.
package enum StableHash {
    /// Returns the hash of bytes that choose an endpoint: a cookie's key, a URI, an address.
    ///
    /// Whoever chooses the bytes can choose the hash; it is for spreading, not for security.
    package static func of(_ bytes: borrowing Span<UInt8>) -> UInt64 {
        // FNV-1a, scrambled at the end because its high bits hardly depend on the last bytes.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in bytes.indices { hash = (hash ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01b3 }
        return scrambled(hash)
    }

    /// Returns the number that stands for an endpoint, wherever and whenever it is known.
    package static func of(_ endpoint: TransportAddress) -> UInt64 {
        let bits = endpoint.address.bits
        let family: UInt64 = endpoint.address.family == .ipv4 ? 4 : 6
        var hash = scrambled(family << 16 | UInt64(endpoint.port.rawValue))
        hash = scrambled(hash ^ UInt64(truncatingIfNeeded: bits >> 64))
        return scrambled(hash ^ UInt64(truncatingIfNeeded: bits))
    }
}
