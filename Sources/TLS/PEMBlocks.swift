internal import COpenSSL

/// One block of a PEM file: what stands between `-----BEGIN NAME-----` and its end.
struct PEMBlock {
    /// The name, such as `CERTIFICATE`.
    let name: String

    /// The lines of headers, which old encrypted keys have.
    let header: String

    /// The decoded bytes.
    let bytes: [UInt8]

    /// Whether this is a certificate.
    var isCertificate: Bool { name == "CERTIFICATE" || name == "X509 CERTIFICATE" }

    /// Whether this is a private key of any format.
    var isPrivateKey: Bool { name.hasSuffix("PRIVATE KEY") }

    /// Whether the bytes can be read only with a pass phrase.
    var isEncrypted: Bool { name == "ENCRYPTED PRIVATE KEY" || header.contains("ENCRYPTED") }

    /// Reads all blocks of a text; what stands between them is ignored, as RFC 7468 §2 has it.
    static func all(in text: [UInt8]) -> [PEMBlock] {
        guard let length = Int32(exactly: text.count) else { return [] }
        OpenSSLError.clear()
        defer { OpenSSLError.clear() }
        return unsafe text.withUnsafeBytes { bytes in
            // The BIO reads the borrowed bytes and is gone before they are.
            guard let source = unsafe BIO_new_mem_buf(bytes.baseAddress, length) else { return [] }
            defer { unsafe BIO_free(source) }
            var blocks: [PEMBlock] = []
            while let block = unsafe next(from: source) { blocks.append(block) }
            return blocks
        }
    }

    private static func next(from source: OpaquePointer) -> PEMBlock? {
        var name: UnsafeMutablePointer<CChar>?
        var header: UnsafeMutablePointer<CChar>?
        var bytes: UnsafeMutablePointer<UInt8>?
        var count = 0
        guard unsafe PEM_read_bio(source, &name, &header, &bytes, &count) == 1, let name = unsafe name,
            let header = unsafe header, let bytes = unsafe bytes
        else { return nil }
        // The three are ours to free, and were allocated together.
        defer {
            unsafe CRYPTO_free(name, #fileID, #line)
            unsafe CRYPTO_free(header, #fileID, #line)
            unsafe CRYPTO_clear_free(bytes, count, #fileID, #line)
        }
        return unsafe PEMBlock(
            name: String(cString: name),
            header: String(cString: header),
            bytes: Array(UnsafeBufferPointer(start: bytes, count: count))
        )
    }
}
