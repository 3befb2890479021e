internal import COpenSSL

/// The thread's queue of errors, which OpenSSL fills behind its return values.
enum OpenSSLError {
    /// Forgets what earlier calls left; otherwise the next call that fails would be explained by them.
    static func clear() {
        // To look is a fortieth of clearing, which goes through all places of an empty queue too.
        if ERR_peek_error() != 0 { ERR_clear_error() }
    }

    /// The first error in the queue, which is nearest to the cause, or 0; the queue is empty afterwards.
    static func take() -> UInt32 {
        let code = ERR_peek_error()
        ERR_clear_error()
        // OpenSSL packs its codes into 32 bits.
        return UInt32(truncatingIfNeeded: code)
    }

    /// The first error in the queue that is about the protocol, which says more than those of ciphers, or else the first.
    private static func takeOfProtocol() -> UInt32 {
        var first: UInt32?
        while true {
            let code = ERR_get_error()
            if code == 0 { return first ?? 0 }
            let number = UInt32(truncatingIfNeeded: code)
            if shim_ERR_GET_LIB(code) == ERR_LIB_SSL {
                ERR_clear_error()
                return number
            }
            first = first ?? number
        }
    }

    /// The first error in the queue in words.
    static func takeText() -> String { text(of: take()) }

    /// The words for a code.
    static func text(of code: UInt32) -> String {
        // OpenSSL's tables hold the text for as long as the library is loaded.
        guard let text = unsafe ERR_reason_error_string(UInt(code)) else { return "error \(code)" }
        return unsafe String(cString: text)
    }

    /// The words for a result of certificate verification.
    static func verificationText(_ result: Int) -> String {
        // The text is a literal of the library.
        guard let text = unsafe X509_verify_cert_error_string(result) else { return "verification error \(result)" }
        return unsafe String(cString: text)
    }

    /// The fault that a failed call means.
    static func fault(verification: Int) -> TLSFault {
        let code = takeOfProtocol()
        let reason = shim_ERR_GET_REASON(UInt(code))
        guard shim_ERR_GET_LIB(UInt(code)) == ERR_LIB_SSL else { return TLSFault(.internalError, code: code) }
        return switch reason {
        case SSL_R_CERTIFICATE_VERIFY_FAILED:
            TLSFault(.certificateRefused, code: code, verification: Int32(clamping: verification))
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
            TLSFault(.certificateRefused, code: code)
        case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST:
            TLSFault(.plainHTTP, code: code)
        case SSL_R_WRONG_VERSION_NUMBER:
            TLSFault(.notTLS, code: code)
        case SSL_R_NO_SHARED_CIPHER, SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM,
            SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS, SSL_R_NO_SUITABLE_KEY_SHARE, SSL_R_NO_APPLICATION_PROTOCOL,
            SSL_R_VERSION_TOO_LOW, SSL_R_UNKNOWN_PROTOCOL, SSL_R_NO_SUITABLE_GROUPS:
            TLSFault(.nothingInCommon, code: code)
        case SSL_R_CALLBACK_FAILED:
            TLSFault(.unknownName, code: code)
        case SSL_R_UNEXPECTED_EOF_WHILE_READING:
            TLSFault(.closedInHandshake, code: code)
        // The peer's alerts are numbered from here.
        case Int32(SSL_AD_REASON_OFFSET)..<Int32(SSL_AD_REASON_OFFSET + 256):
            TLSFault(.alertReceived, code: code)
        case Int32(ERR_R_INTERNAL_ERROR), Int32(ERR_R_MALLOC_FAILURE):
            TLSFault(.internalError, code: code)
        default:
            TLSFault(.protocolViolation, code: code)
        }
    }
}
