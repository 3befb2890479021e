internal import COpenSSL
internal import Glibc
internal import Synchronization

/// The keys that encrypt session tickets, shared by all workers of a process.
///
/// A session lives in the ticket that its client holds, so nothing is kept for it here, and any worker resumes it.
/// Keys change by themselves; the one before stays good until its last ticket has expired.
@safe
package final class TicketKeys: @unchecked Sendable {
    // Sendable: the keys stand behind a lock, and OpenSSL's algorithms are constant and count their references.

    /// What encrypts and authenticates tickets for a while.
    private struct Key {
        let name: [UInt8]
        let cipher: [UInt8]
        let authenticator: [UInt8]
        let created: Int64

        init(created: Int64) {
            self.created = created
            name = randomBytes(16)
            cipher = randomBytes(32)
            authenticator = randomBytes(32)
        }
    }

    private struct Keys {
        var current: Key
        var previous: Key?
    }

    /// How long a session can be resumed, in seconds.
    package let sessionSeconds: Int64

    private let rotationSeconds: Int64
    private let clock: @Sendable () -> Int64
    private let keys: Mutex<Keys>
    private let algorithm: OpaquePointer

    /// Creates random keys.
    ///
    /// - Parameters:
    ///   - sessionSeconds: How long a session can be resumed.
    ///   - rotationSeconds: How long one key makes new tickets.
    ///   - clock: Seconds from any start, never going back.
    package init(
        sessionSeconds: Int64 = 600,
        rotationSeconds: Int64 = 3600,
        clock: @escaping @Sendable () -> Int64 = TicketKeys.uptime
    ) {
        self.sessionSeconds = sessionSeconds
        self.rotationSeconds = max(rotationSeconds, sessionSeconds)
        self.clock = clock
        keys = Mutex(Keys(current: Key(created: clock())))
        // Fetched once: looking it up for every ticket takes longer than encrypting it.
        guard let algorithm = unsafe EVP_CIPHER_fetch(nil, "AES-256-CBC", nil) else {
            fatalError("OpenSSL has no AES: \(OpenSSLError.takeText())")
        }
        unsafe self.algorithm = algorithm
    }

    deinit { unsafe EVP_CIPHER_free(algorithm) }

    /// The seconds since the machine started.
    package static func uptime() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return Int64(time.tv_sec)
    }

    /// Prepares the encryption of a new ticket, as OpenSSL's ticket callback must.
    func seal(name: UnsafeMutablePointer<UInt8>, vector: UnsafeMutablePointer<UInt8>, _ contexts: Contexts) -> Bool {
        let key = upToDateKeys().current
        // The callback's contract: room for 16 bytes of name, and for a vector as long as the cipher wants.
        for (index, byte) in key.name.enumerated() { unsafe name[index] = byte }
        guard unsafe RAND_bytes(vector, 16) == 1 else { return false }
        return unsafe EVP_EncryptInit_ex2(contexts.cipher, algorithm, key.cipher, vector, nil) == 1
            && authenticate(contexts, key)
    }

    /// Whether a ticket can be read.
    enum Opening {
        /// Its key is not or no longer known.
        case unknownKey
        /// It can be.
        case opened
        /// It can be, but not for much longer.
        case openedWithOldKey
    }

    /// Prepares the decryption of a ticket, as OpenSSL's ticket callback must.
    func open(name: UnsafePointer<UInt8>, vector: UnsafePointer<UInt8>, _ contexts: Contexts) -> Opening {
        let keys = upToDateKeys()
        // The callback's contract: 16 bytes of name.
        let wanted = unsafe UnsafeBufferPointer(start: name, count: 16)
        let isCurrent = unsafe keys.current.name.elementsEqual(wanted)
        guard let key = isCurrent ? keys.current : keys.previous, unsafe key.name.elementsEqual(wanted),
            unsafe EVP_DecryptInit_ex2(contexts.cipher, algorithm, key.cipher, vector, nil) == 1,
            unsafe authenticate(contexts, key)
        else { return .unknownKey }
        return isCurrent ? .opened : .openedWithOldKey
    }

    /// OpenSSL's workings for one ticket.
    @unsafe
    struct Contexts {
        let cipher: OpaquePointer
        let authenticator: OpaquePointer
    }

    private func authenticate(_ contexts: Contexts, _ key: Key) -> Bool {
        // OpenSSL copies the key.
        unsafe shim_HMAC_SHA256_set_key(contexts.authenticator, key.authenticator, key.authenticator.count) == 1
    }

    /// The keys after the rotation that is due.
    private func upToDateKeys() -> Keys {
        let now = clock()
        return keys.withLock { keys in
            if now - keys.current.created >= rotationSeconds {
                keys = Keys(current: Key(created: now), previous: keys.current)
            }
            // The last ticket of a key was made when the next key came.
            if keys.previous != nil, now - keys.current.created > sessionSeconds { keys.previous = nil }
            return keys
        }
    }
}

/// Bytes that nobody can guess.
private func randomBytes(_ count: Int) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { output, filled in
        // The room is as large as asked for.
        guard unsafe RAND_bytes(output.baseAddress, Int32(count)) == 1 else {
            fatalError("OpenSSL has no random bytes: \(OpenSSLError.takeText())")
        }
        filled = count
    }
}
