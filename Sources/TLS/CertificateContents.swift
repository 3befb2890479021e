internal import COpenSSL
internal import NetworkAddress

/// What a certificate says that decides about its use.
struct CertificateContents {
    private(set) var names: [String] = []
    private(set) var addresses: [IPAddress] = []
    let notBefore: Int64
    let notAfter: Int64

    /// Reads the first certificate of a chain, and makes sure that the others can be decoded.
    init(chain: [[UInt8]]) throws(CertificateError) {
        for (index, bytes) in chain.enumerated().dropFirst() {
            unsafe X509_free(try Self.decode(bytes, position: index + 1))
        }
        let certificate = try unsafe Self.decode(chain[0], position: 1)
        defer { unsafe X509_free(certificate) }
        guard let notBefore = unsafe Self.seconds(X509_get0_notBefore(certificate)),
            let notAfter = unsafe Self.seconds(X509_get0_notAfter(certificate))
        else { throw .certificateUnreadable(position: 1, reason: "its dates cannot be read") }
        self.notBefore = notBefore
        self.notAfter = notAfter
        let hasAlternatives = unsafe readAlternatives(of: certificate)
        if !hasAlternatives, let subject = unsafe X509_get_subject_name(certificate),
            let name = unsafe DistinguishedName.entry(NID_commonName, of: subject)
        {
            add(name: name)
        }
    }

    private static func decode(_ bytes: [UInt8], position: Int) throws(CertificateError) -> OpaquePointer {
        OpenSSLError.clear()
        guard let certificate = unsafe LoadedCertificate.certificate(bytes) else {
            throw .certificateUnreadable(position: position, reason: OpenSSLError.takeText())
        }
        return unsafe certificate
    }

    /// Collects the alternative names, and says whether there are any, of whatever kind.
    private mutating func readAlternatives(of certificate: OpaquePointer) -> Bool {
        guard let list = unsafe X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else { return false }
        // The list is ours; it and its strings live until the end of this function.
        let names = OpaquePointer(list)
        defer { unsafe GENERAL_NAMES_free(names) }
        let count = unsafe shim_general_names_count(names)
        for index in 0..<max(0, count) {
            guard let name = unsafe shim_general_names_get(names, index) else { continue }
            switch unsafe name.pointee.type {
            case GEN_DNS:
                let bytes = unsafe Self.bytes(of: name.pointee.d.dNSName)
                // A name with a NUL or an eighth bit is a trick; no client asks for it.
                guard bytes.allSatisfy({ (33...126).contains($0) }) else { continue }
                add(name: String(decoding: bytes, as: UTF8.self))
            case GEN_IPADD:
                let bytes = unsafe Self.bytes(of: name.pointee.d.iPAddress)
                if let address = IPAddress(octets: bytes) { addresses.append(address) }
            default: continue
            }
        }
        return count > 0
    }

    private mutating func add(name: String) {
        var name = name.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        if !name.isEmpty, !names.contains(name) { names.append(name) }
    }

    private static func bytes(of string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
        guard let string = unsafe string, let start = unsafe ASN1_STRING_get0_data(string) else { return [] }
        // The string owns as many bytes as it says.
        return unsafe Array(UnsafeBufferPointer(start: start, count: Int(ASN1_STRING_length(string))))
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
        var days: Int32 = 0
        var seconds: Int32 = 0
        let epoch = unsafe ASN1_TIME_set(nil, 0)
        defer { unsafe ASN1_TIME_free(epoch) }
        guard unsafe ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else { return nil }
        return Int64(days) * 86400 + Int64(seconds)
    }
}
