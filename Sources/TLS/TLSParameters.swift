internal import COpenSSL

/// A version of the protocol; older ones than 1.2 are broken and not spoken.
package enum TLSVersion: Int32, Comparable, Sendable {
    case tls12 = 0x0303
    case tls13 = 0x0304

    package static func < (left: TLSVersion, right: TLSVersion) -> Bool { left.rawValue < right.rawValue }

    /// The name as nginx logs it: `TLSv1.3`.
    package var name: StaticString { self == .tls12 ? "TLSv1.2" : "TLSv1.3" }
}

/// A protocol that the two sides agree on during the handshake (RFC 7301).
package enum ApplicationProtocol: UInt8, Sendable {
    case http1
    case http2

    /// The name on the wire.
    package var name: StaticString { self == .http1 ? "http/1.1" : "h2" }
}

/// The choices that servers and clients share.
package struct TLSSettings: Sendable {
    /// The oldest version that is spoken.
    package var oldest = TLSVersion.tls12

    /// The newest version that is spoken.
    package var newest = TLSVersion.tls13

    /// The ciphers of TLS 1.2 in OpenSSL's notation, the preferred first.
    package var ciphers = TLSSettings.modernCiphers

    /// The ciphers of TLS 1.3 in OpenSSL's notation, the preferred first.
    ///
    /// AES-128 leads, as it does in ingress-nginx's list for TLS 1.2: it costs a tenth less than AES-256.
    package var ciphers13 = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"

    /// The groups for key agreement in OpenSSL's notation; empty leaves the choice to OpenSSL.
    package var groups = ""

    /// The application protocols, the preferred first; empty says nothing about them.
    package var protocols: [ApplicationProtocol] = [.http1]

    /// The most bytes of plaintext in one record: smaller ones arrive sooner over slow links and cost more.
    package var recordBytes = 16384

    /// Creates the choices that ingress-nginx makes by default.
    package init() {}

    /// What ingress-nginx allows by default, without finite-field Diffie-Hellman.
    package static let modernCiphers =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
        + "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
}

/// A setting that OpenSSL refuses.
package struct TLSSettingError: Error, Equatable, CustomStringConvertible {
    /// The setting.
    package let setting: String

    /// OpenSSL's words.
    package let reason: String

    package var description: String { "\(setting): \(reason)" }
}

extension TLSSettings {
    /// The protocols as they stand in the extension: each with its length before it.
    var protocolList: [UInt8] {
        protocols.flatMap { name in name.name.withUTF8Buffer { bytes in unsafe [UInt8(bytes.count)] + bytes } }
    }

    /// Makes a context with these choices.
    func makeContext(isServer: Bool) throws(TLSSettingError) -> OpaquePointer {
        OpenSSLError.clear()
        guard let context = unsafe SSL_CTX_new(isServer ? TLS_server_method() : TLS_client_method()) else {
            throw TLSSettingError(setting: "TLS", reason: OpenSSLError.takeText())
        }
        do throws(TLSSettingError) {
            try unsafe apply(to: context)
        } catch {
            unsafe SSL_CTX_free(context)
            throw error
        }
        return unsafe context
    }

    private func apply(to context: OpaquePointer) throws(TLSSettingError) {
        // The strings are borrowed for the call; OpenSSL keeps what it parsed.
        unsafe SSL_CTX_set_options(context, shim_options)
        unsafe shim_SSL_CTX_set_mode(context, shim_modes)
        try require(unsafe shim_SSL_CTX_set_min_proto_version(context, oldest.rawValue), "the oldest version")
        try require(unsafe shim_SSL_CTX_set_max_proto_version(context, newest.rawValue), "the newest version")
        try require(unsafe SSL_CTX_set_cipher_list(context, ciphers), "ciphers \(ciphers)")
        try require(unsafe SSL_CTX_set_ciphersuites(context, ciphers13), "ciphers \(ciphers13)")
        if !groups.isEmpty {
            try require(unsafe shim_SSL_CTX_set1_groups_list(context, groups), "groups \(groups)")
        }
        try require(unsafe shim_SSL_CTX_set_max_send_fragment(context, recordBytes), "record size \(recordBytes)")
    }

    private func require(_ result: Int32, _ setting: String) throws(TLSSettingError) {
        if result != 1 { throw TLSSettingError(setting: setting, reason: OpenSSLError.takeText()) }
    }
}
