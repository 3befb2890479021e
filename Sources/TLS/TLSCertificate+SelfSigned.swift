internal import COpenSSL

extension TLSCertificate {
    /// Makes a certificate with a new ECDSA key that vouches for itself, valid for a year.
    ///
    /// - Parameters:
    ///   - names: The host names that it covers.
    ///   - commonName: The subject; the default is what ingress-nginx presents for unknown hosts.
    ///   - organization: The organization of the subject.
    /// - Returns: The certificate.
    /// - Throws: `refused` when OpenSSL cannot make it.
    package static func selfSigned(
        names: [String],
        commonName: String = "Kubernetes Ingress Controller Fake Certificate",
        organization: String = "Acme Co"
    ) throws(CertificateError) -> TLSCertificate {
        // The extension is configured as text, in which a comma would begin another name.
        if let name = names.first(where: { !isPlain($0) }) { throw .refused(reason: "\(name) is no host name") }
        OpenSSLError.clear()
        guard let key = unsafe makeKey() else { throw .refused(reason: OpenSSLError.takeText()) }
        defer { unsafe EVP_PKEY_free(key) }
        guard let certificate = unsafe X509_new() else { throw .refused(reason: OpenSSLError.takeText()) }
        defer { unsafe X509_free(certificate) }
        guard unsafe fill(certificate, key: key, names: names, subject: (commonName, organization)),
            unsafe X509_sign(certificate, key, EVP_sha256()) > 0,
            let bytes = unsafe encodedBytes({ output in unsafe i2d_X509(certificate, output) })
        else { throw .refused(reason: OpenSSLError.takeText()) }
        return try unsafe TLSCertificate(certificates: [bytes], key: key)
    }

    private static func isPlain(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { (33...126).contains($0) && !",:;=\"\\@".utf8.contains($0) }
    }

    private static func makeKey() -> OpaquePointer? {
        guard let context = unsafe EVP_PKEY_CTX_new_id(EVP_PKEY_EC, nil) else { return nil }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer?
        guard unsafe EVP_PKEY_keygen_init(context) == 1,
            unsafe EVP_PKEY_CTX_set_ec_paramgen_curve_nid(context, NID_X9_62_prime256v1) == 1,
            unsafe EVP_PKEY_keygen(context, &key) == 1
        else { return nil }
        return unsafe key
    }

    /// Writes everything but the signature, and says whether OpenSSL took it.
    private static func fill(
        _ certificate: OpaquePointer,
        key: OpaquePointer,
        names: [String],
        subject: (commonName: String, organization: String)
    ) -> Bool {
        let year = 365 * 86400
        guard unsafe X509_set_version(certificate, 2) == 1, unsafe setSerialNumber(of: certificate),
            unsafe X509_gmtime_adj(X509_getm_notBefore(certificate), 0) != nil,
            unsafe X509_gmtime_adj(X509_getm_notAfter(certificate), year) != nil,
            unsafe X509_set_pubkey(certificate, key) == 1,
            let name = unsafe X509_get_subject_name(certificate),
            unsafe add(subject.organization, "O", to: name), unsafe add(subject.commonName, "CN", to: name),
            unsafe X509_set_issuer_name(certificate, name) == 1
        else { return false }
        var extensions: [(Int32, String)] = [
            (NID_basic_constraints, "critical,CA:FALSE"),
            (NID_key_usage, "critical,digitalSignature,keyEncipherment"), (NID_ext_key_usage, "serverAuth"),
        ]
        if !names.isEmpty {
            extensions.append((NID_subject_alt_name, names.map { "DNS:\($0)" }.joined(separator: ",")))
        }
        return extensions.allSatisfy { kind, value in unsafe add(kind, value, to: certificate) }
    }

    /// Sets 127 random bits, positive as RFC 5280 §4.1.2.2 wants it.
    private static func setSerialNumber(of certificate: OpaquePointer) -> Bool {
        guard let number = unsafe BN_new() else { return false }
        defer { unsafe BN_free(number) }
        return unsafe BN_rand(number, 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1
            && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil
    }

    private static func add(_ value: String, _ field: String, to name: OpaquePointer) -> Bool {
        // The strings are borrowed for the call, which copies them.
        unsafe X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, value, -1, -1, 0) == 1
    }

    private static func add(_ kind: Int32, _ value: String, to certificate: OpaquePointer) -> Bool {
        guard let item = unsafe X509V3_EXT_conf_nid(nil, nil, kind, value) else { return false }
        // The certificate copies the extension.
        defer { unsafe X509_EXTENSION_free(item) }
        return unsafe X509_add_ext(certificate, item, -1) == 1
    }
}
