internal import ByteBuffers
internal import COpenSSL
internal import CTLSPipe

/// The BIO through which all sessions of one context read and write.
///
/// It keeps its owner alive until the last session is gone, so that callbacks always find it.
@safe
struct SessionPipe: ~Copyable {
    private let bio: OpaquePointer

    /// Creates a pipe that retains an owner.
    init(owner: some AnyObject) {
        let retained = unsafe Unmanaged.passRetained(owner).toOpaque()
        let append: @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, Int) -> Void = {
            output,
            bytes,
            count in
            // `output` points to the buffer that withPipe lends while OpenSSL runs, and OpenSSL's bytes are `count` long.
            guard let output = unsafe output?.assumingMemoryBound(to: ByteBuffer.self), let bytes = unsafe bytes
            else { return }
            unsafe output.pointee.append(Span(_unsafeStart: bytes, count: count))
        }
        let release: @convention(c) (UnsafeMutableRawPointer?) -> Void = { owner in
            // Balances passRetained; the pipe calls it once.
            if let owner = unsafe owner { unsafe Unmanaged<AnyObject>.fromOpaque(owner).release() }
        }
        guard let made = unsafe tls_pipe_new(append, retained, release) else { fatalError("out of memory for a BIO") }
        unsafe bio = made
    }

    deinit { unsafe BIO_free_all(bio) }

    /// Creates a session that reads and writes here.
    @unsafe
    func makeSession(of context: OpaquePointer) -> OpaquePointer {
        guard let ssl = unsafe SSL_new(context) else { fatalError("out of memory for a TLS session") }
        unsafe tls_pipe_attach(ssl, bio)
        return unsafe ssl
    }
}
