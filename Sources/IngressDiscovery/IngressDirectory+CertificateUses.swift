package import TLS

/// A certificate that is presented to the clients of a host.
package struct CertificateUse: Sendable {
    /// The host as declared; `_` stands for all hosts without a certificate of their own.
    package let host: String
    /// The Secret that it comes from; nil for the one that the gateway made for itself.
    package let secret: NamespacedName?
    /// The certificate.
    package let certificate: TLSCertificate
}

extension IngressDirectory {
    /// The certificates that are presented as of the last `compile`, in the order of hosts.
    ///
    /// - Complexity: O(*n* log *n*) in the number of hosts.
    package var certificateUses: [CertificateUse] {
        var uses: [CertificateUse] = []
        for (host, state) in hosts.sorted(by: { $0.key < $1.key }) {
            for certificate in state.certificates {
                let secret = state.secrets.sorted().first { reads($0, as: certificate) }
                uses.append(CertificateUse(host: host, secret: secret, certificate: certificate))
            }
        }
        for certificate in certificates.fallback.certificates {
            let secret = settings.defaultCertificate.flatMap { reads($0, as: certificate) ? $0 : nil }
            uses.append(CertificateUse(host: "_", secret: secret, certificate: certificate))
        }
        return uses
    }

    private func reads(_ secret: NamespacedName, as certificate: TLSCertificate) -> Bool {
        readCertificates[secret]?.certificate === certificate
    }
}
