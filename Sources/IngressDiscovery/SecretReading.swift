internal import KubernetesAPI
internal import TLS

/// What a Secret holds for a host's clients.
enum SecretReading: Sendable {
    /// A certificate and its key that can be used.
    case certificate(TLSCertificate)
    /// Something else, for this reason; the certificate is what it held before.
    case outdated(TLSCertificate, String)
    /// Something else, for this reason.
    case unusable(String)

    /// Reads a Secret of any type.
    ///
    /// - Parameters:
    ///   - secret: The Secret.
    ///   - former: The last certificate that it held, if it was there without a break since.
    init(_ secret: Secret, former: TLSCertificate?) {
        self.init(secret)
        if case .unusable(let reason) = self, let former { self = .outdated(former, reason) }
    }

    /// What is presented because of it.
    var certificate: TLSCertificate? {
        switch self {
        case .certificate(let certificate), .outdated(let certificate, _): certificate
        case .unusable: nil
        }
    }

    private init(_ secret: Secret) {
        guard let chain = secret.values[.certificate] else {
            self = .unusable("has no \(Secret.Key.certificate.rawValue)")
            return
        }
        guard let key = secret.values[.privateKey] else {
            self = .unusable("has no \(Secret.Key.privateKey.rawValue)")
            return
        }
        do throws(CertificateError) {
            self = .certificate(try TLSCertificate(chain: chain, key: key))
        } catch {
            self = .unusable("holds no pair that can be used: \(error)")
        }
    }
}
