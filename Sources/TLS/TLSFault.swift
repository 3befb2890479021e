internal import COpenSSL

/// How far a session is after bytes were taken.
package enum TLSProgress: Equatable, Sendable {
    /// The handshake needs more bytes from the peer.
    case handshaking
    /// Data flows.
    case established
    /// The peer said that nothing more comes; data can still be sent.
    case peerClosed
    /// The session is of no more use; an alert for the peer may be in the output.
    case failed(TLSFault)
}

/// Why a session failed.
package struct TLSFault: Equatable, Sendable {
    /// What went wrong, as far as it matters to those who handle it.
    package enum Kind: Equatable, Sendable {
        /// The peer of a server sent an HTTP request in the clear, or the peer of a client an HTTP answer.
        case plainHTTP
        /// The peer sent something that is no TLS record.
        case notTLS
        /// Nothing that one side offers suits the other: version, cipher, group, signature or protocol.
        case nothingInCommon
        /// The client asked for a host that the server does not know.
        case unknownName
        /// The certificate of the peer was refused.
        case certificateRefused
        /// The name of the server is not one that a certificate could cover.
        case unverifiableName
        /// The peer sent an alert.
        case alertReceived
        /// The peer ended the session before the handshake was over.
        case closedInHandshake
        /// The peer broke the protocol, or bytes were damaged on their way.
        case protocolViolation
        /// OpenSSL could not do its part.
        case internalError
    }

    /// The code that OpenSSL gave, or 0.
    let code: UInt32

    /// The result of verifying the peer's certificate as OpenSSL numbers it; 0 is fine.
    let verification: Int32

    /// What went wrong.
    package let kind: Kind

    init(_ kind: Kind, code: UInt32 = 0, verification: Int32 = 0) {
        self.kind = kind
        self.code = code
        self.verification = verification
    }
}

extension TLSFault: CustomStringConvertible {
    package var description: String {
        switch kind {
        case .plainHTTP: "the peer sent plain HTTP"
        case .notTLS: "the peer sent something that is not TLS" + reason
        case .nothingInCommon: "the two sides have nothing in common" + reason
        case .unknownName: "the peer asked for a host that is not served here"
        case .certificateRefused: "the peer's certificate is refused" + reason
        case .unverifiableName: "the server's name is empty or no host name, so no certificate can be held against it"
        case .alertReceived: "the peer ended the session with an alert" + reason
        case .closedInHandshake: "the peer closed the session before the handshake was over"
        case .protocolViolation: "the peer broke the protocol" + reason
        case .internalError: "OpenSSL failed" + reason
        }
    }

    /// OpenSSL's own words with a colon before them, or nothing.
    private var reason: String {
        if verification != 0 {
            let cause = Self.unknownAuthorities.contains(verification) ? ": unknown authority: " : ": "
            return cause + OpenSSLError.verificationText(Int(verification))
        }
        return code == 0 ? "" : ": " + OpenSSLError.text(of: code)
    }

    /// The results that say that the chain ends with somebody who is not trusted.
    private static let unknownAuthorities: Set = [
        X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
        X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
        X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
    ]
}
