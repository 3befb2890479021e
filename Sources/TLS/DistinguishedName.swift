internal import COpenSSL

/// The names that X.509 gives to people and machines, as text.
enum DistinguishedName {
    /// The whole name as RFC 2253 writes it, which is what nginx logs: `CN=host,O=Acme`.
    static func text(of name: OpaquePointer) -> String {
        guard let sink = unsafe BIO_new(BIO_s_mem()) else { return "" }
        // The sink is ours, and what it holds is copied before it goes.
        defer { unsafe BIO_free(sink) }
        guard unsafe X509_NAME_print_ex(sink, name, 0, shim_name_flags) >= 0 else { return "" }
        var start: UnsafeMutablePointer<CChar>?
        let count = unsafe BIO_ctrl(sink, BIO_CTRL_INFO, 0, &start)
        guard count > 0, let start = unsafe start else { return "" }
        return unsafe String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// The last entry of a kind, which is the most specific, or nil.
    static func entry(_ kind: Int32, of name: OpaquePointer) -> String? {
        var found: Int32 = -1
        var next = unsafe X509_NAME_get_index_by_NID(name, kind, -1)
        while next >= 0 {
            found = next
            next = unsafe X509_NAME_get_index_by_NID(name, kind, found)
        }
        guard found >= 0, let entry = unsafe X509_NAME_get_entry(name, found),
            let value = unsafe X509_NAME_ENTRY_get_data(entry)
        else { return nil }
        var text: UnsafeMutablePointer<UInt8>?
        let count = unsafe ASN1_STRING_to_UTF8(&text, value)
        guard count >= 0, let start = unsafe text else { return nil }
        // The converted text is ours.
        defer { unsafe CRYPTO_free(start, #fileID, #line) }
        return unsafe String(decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)
    }
}
