internal import COpenSSL

/// What a certificate says of itself, for metrics, logs and headers.
package struct CertificateDetails: Equatable, Sendable {
    /// The serial number in decimal digits.
    package let serialNumber: String

    /// The subject as RFC 2253 writes it.
    package let subject: String

    /// The issuer as RFC 2253 writes it.
    package let issuer: String

    /// The common name of the issuer, or nothing.
    package let issuerCommonName: String

    /// The organization of the issuer, or nothing.
    package let issuerOrganization: String

    /// The algorithm of the public key as ingress-nginx's metrics name it: `RSA`, `ECDSA`, `Ed25519`.
    package let publicKeyAlgorithm: String

    /// Reads a decoded certificate, which stays the caller's.
    init?(_ certificate: OpaquePointer) {
        guard let subject = unsafe X509_get_subject_name(certificate),
            let issuer = unsafe X509_get_issuer_name(certificate)
        else { return nil }
        serialNumber = unsafe Self.decimal(X509_get0_serialNumber(certificate))
        self.subject = unsafe DistinguishedName.text(of: subject)
        self.issuer = unsafe DistinguishedName.text(of: issuer)
        issuerCommonName = unsafe DistinguishedName.entry(NID_commonName, of: issuer) ?? ""
        issuerOrganization = unsafe DistinguishedName.entry(NID_organizationName, of: issuer) ?? ""
        publicKeyAlgorithm = unsafe Self.algorithm(of: X509_get0_pubkey(certificate))
    }

    private static func decimal(_ number: UnsafePointer<ASN1_INTEGER>?) -> String {
        let value = unsafe ASN1_INTEGER_to_BN(number, nil)
        defer { unsafe BN_free(value) }
        guard let digits = unsafe BN_bn2dec(value) else { return "" }
        // The digits are ours.
        defer { unsafe CRYPTO_free(digits, #fileID, #line) }
        return unsafe String(cString: digits)
    }

    private static func algorithm(of key: OpaquePointer?) -> String {
        guard let key = unsafe key else { return "" }
        return switch unsafe EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA, NID_rsassaPss: "RSA"
        case EVP_PKEY_EC: "ECDSA"
        case NID_ED25519: "Ed25519"
        default: unsafe EVP_PKEY_get0_type_name(key).map { unsafe String(cString: $0) } ?? ""
        }
    }
}

extension TLSCertificate {
    /// What the certificate says of itself; it is decoded for every call.
    package var details: CertificateDetails? {
        guard let certificate = unsafe LoadedCertificate.certificate(chain[0]) else { return nil }
        defer { unsafe X509_free(certificate) }
        return unsafe CertificateDetails(certificate)
    }
}
