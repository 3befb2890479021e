/// Why a certificate and its key cannot be used.
package enum CertificateError: Error, Equatable, Sendable, CustomStringConvertible {
    /// There are no bytes where certificates should be.
    case certificateEmpty
    /// The bytes hold no PEM block at all.
    case certificateNotPEM
    /// The PEM blocks are of other kinds; the first is named.
    case certificateMissing(found: String)
    /// A certificate of the chain cannot be decoded; 1 is the first.
    case certificateUnreadable(position: Int, reason: String)
    /// There are no bytes where the key should be.
    case keyEmpty
    /// The bytes hold no PEM block at all.
    case keyNotPEM
    /// The PEM blocks are of other kinds; the first is named.
    case keyMissing(found: String)
    /// The key can be read only with a pass phrase, for which there is no place.
    case keyEncrypted
    /// The key cannot be decoded.
    case keyUnreadable(reason: String)
    /// The key belongs to another certificate.
    case keyDoesNotMatch
    /// OpenSSL's policy refuses the pair, such as for a key that is too short.
    case refused(reason: String)

    package var description: String {
        switch self {
        case .certificateEmpty: "the certificate is empty"
        case .certificateNotPEM: "the certificate is not PEM: there is no -----BEGIN CERTIFICATE-----"
        case .certificateMissing(let found): "the certificate is missing: the first PEM block is \(found)"
        case .certificateUnreadable(let position, let reason):
            "certificate \(position) of the chain cannot be decoded: \(reason)"
        case .keyEmpty: "the private key is empty"
        case .keyNotPEM: "the private key is not PEM: there is no -----BEGIN PRIVATE KEY-----"
        case .keyMissing(let found): "the private key is missing: the first PEM block is \(found)"
        case .keyEncrypted: "the private key is encrypted; store it without a pass phrase"
        case .keyUnreadable(let reason): "the private key cannot be decoded: \(reason)"
        case .keyDoesNotMatch: "the private key does not belong to the certificate"
        case .refused(let reason): "the certificate is refused: \(reason)"
        }
    }
}
