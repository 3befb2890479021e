internal import COpenSSL
internal import CTLSPipe

/// The sessions of earlier connections that clients of one context can resume.
final class ClientSessions {
    /// A session of OpenSSL, which goes with the last who knows it.
    @safe
    private final class Kept {
        let session: OpaquePointer
        init(_ session: OpaquePointer) { unsafe self.session = session }
        deinit { unsafe SSL_SESSION_free(session) }
    }

    private let capacity: Int
    private var sessions: [Int: Kept] = [:]

    init(capacity: Int) { self.capacity = capacity }

    /// The number under which sessions with a peer are kept; never 0.
    ///
    /// A resumed session is not verified again, so both the name that was verified and the caller's key count.
    static func slot(of peer: PeerName, key: UInt64) -> Int {
        var hasher = Hasher()
        hasher.combine(peer)
        hasher.combine(key)
        let slot = hasher.finalize()
        return slot == 0 ? 1 : slot
    }

    /// Lets a session continue the one that is kept for its peer, and remembers where its own is to be kept.
    func resume(in ssl: OpaquePointer, slot: Int) {
        // The number travels as a pointer that nobody follows.
        unsafe SSL_set_ex_data(ssl, 0, UnsafeMutableRawPointer(bitPattern: slot))
        guard let kept = sessions[slot] else { return }
        if unsafe SSL_SESSION_is_resumable(kept.session) == 1 {
            // The connection counts its own reference.
            unsafe SSL_set_session(ssl, kept.session)
        } else {
            sessions[slot] = nil
        }
    }

    /// Keeps a session, which becomes ours, and says whether it did.
    fileprivate func keep(_ session: OpaquePointer, of ssl: OpaquePointer) -> Bool {
        let slot = Int(bitPattern: unsafe SSL_get_ex_data(ssl, 0))
        guard slot != 0, capacity > 0 else { return false }
        // Full: any other makes room; its server gets a full handshake next time.
        if sessions[slot] == nil, sessions.count >= capacity, let other = sessions.keys.first { sessions[other] = nil }
        unsafe sessions[slot] = Kept(session)
        return true
    }
}

/// Takes a new session from OpenSSL; 1 means that the reference is ours.
func keepSession(_ ssl: OpaquePointer?, _ session: OpaquePointer?) -> Int32 {
    // The pipe of the session retains its owner, which is a ClientSessions for every client.
    guard let ssl = unsafe ssl, let session = unsafe session, let pipe = unsafe tls_pipe_of(ssl),
        let owner = unsafe pipe.pointee.owner
    else { return 0 }
    let sessions = unsafe Unmanaged<ClientSessions>.fromOpaque(owner).takeUnretainedValue()
    return unsafe sessions.keep(session, of: ssl) ? 1 : 0
}
