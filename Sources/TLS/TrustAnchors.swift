internal import COpenSSL

/// The authorities whose word is believed, which every thread may use.
@safe
package final class TrustAnchors: @unchecked Sendable {
    // Sendable: nothing is added after init, and OpenSSL guards the store with its own lock.
    private let store: OpaquePointer

    /// The authorities' names, for servers to tell their clients; none for the system's.
    private let names: OpaquePointer

    /// The PEM text, or nothing for the system's authorities; it tells one set from another.
    let source: [UInt8]

    /// Reads authorities from PEM blocks; blocks of other kinds are ignored.
    package init(pem: [UInt8]) throws(CertificateError) {
        let blocks = PEMBlock.all(in: pem)
        guard let first = blocks.first else { throw pem.isEmpty ? .certificateEmpty : .certificateNotPEM }
        let certificates = blocks.filter(\.isCertificate)
        if certificates.isEmpty { throw .certificateMissing(found: first.name) }
        unsafe (store, names) = Self.makeLists()
        source = pem
        for (index, block) in certificates.enumerated() {
            OpenSSLError.clear()
            guard let certificate = unsafe LoadedCertificate.certificate(block.bytes) else {
                throw .certificateUnreadable(position: index + 1, reason: OpenSSLError.takeText())
            }
            // The store counts its own reference, and the list gets a copy.
            defer { unsafe X509_free(certificate) }
            unsafe X509_STORE_add_cert(store, certificate)
            if let name = unsafe X509_NAME_dup(X509_get_subject_name(certificate)),
                unsafe shim_names_push(names, name) == 0
            {
                unsafe X509_NAME_free(name)
            }
        }
        // What a bundle names is trusted, be it a root or not; Go reads bundles so too.
        unsafe X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
    }

    private init() {
        unsafe (store, names) = Self.makeLists()
        source = []
        unsafe X509_STORE_set_default_paths(store)
    }

    deinit {
        unsafe X509_STORE_free(store)
        unsafe shim_names_free(names)
    }

    /// The authorities that the system trusts, read from OpenSSL's default places.
    package static func system() -> TrustAnchors { TrustAnchors() }

    private static func makeLists() -> (OpaquePointer, OpaquePointer) {
        guard let store = unsafe X509_STORE_new(), let names = unsafe shim_names_new() else {
            fatalError("out of memory for authorities")
        }
        return unsafe (store, names)
    }

    /// Lets a context judge its peers by these authorities.
    func install(inContext context: OpaquePointer) { unsafe shim_SSL_CTX_set1_verify_cert_store(context, store) }

    /// Lets a session judge its peer by these authorities.
    func install(in ssl: OpaquePointer) { unsafe shim_SSL_set1_verify_cert_store(ssl, store) }

    /// Tells the client of a session whose word counts, so that it can choose among its certificates.
    func announce(in ssl: OpaquePointer) {
        // The session owns the copy.
        unsafe SSL_set_client_CA_list(ssl, SSL_dup_CA_list(names))
    }
}
