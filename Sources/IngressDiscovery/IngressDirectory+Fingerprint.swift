internal import TLS

extension IngressDirectory {
    /// A number that says what is configured as of the last `compile`: equal objects have equal numbers, in every
    /// process, and it fits into a floating-point number.
    ///
    /// - Complexity: That of `describe`.
    package var fingerprint: UInt64 {
        // FNV-1a over what people see, and what certificates are.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in describeTables().utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        for use in certificateUses where use.secret != nil {
            for byte in use.certificate.fingerprint { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        return hash & (1 << 53 - 1)
    }
}
