internal import KubeConfig
internal import TLS

/// Makes what TLS sessions share, anew whenever a file that it is made of has changed.
struct SecurityFiles {
    private let access: ClusterAccess
    private var authorities: AccessMaterial?
    private var certificate: AccessMaterial?
    private var key: AccessMaterial?
    private var made: ClientSecurity?

    init(_ access: ClusterAccess) {
        self.access = access
        authorities = access.authorities.map { AccessMaterial($0, field: "certificate-authority") }
        use(access.clientCertificate)
    }

    /// Shows another certificate to the server from now on, as an exec plugin gave it.
    mutating func use(_ pair: ClusterAccess.ClientCertificate?) {
        certificate = pair.map { AccessMaterial($0.certificate, field: "client-certificate") }
        key = pair.map { AccessMaterial($0.key, field: "client-key") }
        made = nil
    }

    /// What sessions share now.
    mutating func security() throws(AccessFault) -> ClientSecurity {
        // All three are looked at, so that a pair that was changed together is read together.
        let hasNewAuthorities = try authorities?.refresh() ?? false
        let hasNewCertificate = try certificate?.refresh() ?? false
        let hasNewKey = try key?.refresh() ?? false
        if let made, !hasNewAuthorities, !hasNewCertificate, !hasNewKey { return made }
        do throws(AccessFault) {
            let security = try make()
            made = security
            return security
        } catch {
            // A file may have been caught half-written; what worked before still does.
            guard let made else { throw error }
            return made
        }
    }

    private func make() throws(AccessFault) -> ClientSecurity {
        var trust = TLSClientContext.Trust.anybody
        if !access.skipsVerification {
            guard let authorities else { return try make(.only(.system())) }
            do throws(CertificateError) {
                trust = .only(try TrustAnchors(pem: authorities.bytes))
            } catch { throw AccessFault(message: "certificate-authority: \(error)") }
        }
        return try make(trust)
    }

    private func make(_ trust: TLSClientContext.Trust) throws(AccessFault) -> ClientSecurity {
        var shown: TLSCertificate?
        if let certificate, let key {
            do throws(CertificateError) {
                shown = try TLSCertificate(chain: certificate.bytes, key: key.bytes)
            } catch { throw AccessFault(message: "client-certificate: \(error)") }
        }
        do throws(TLSSettingError) {
            let context = try TLSClientContext(trust: trust, certificate: shown)
            return ClientSecurity(context: context, host: access.serverName ?? access.server.host)
        } catch { throw AccessFault(message: "TLS: \(error)") }
    }
}
