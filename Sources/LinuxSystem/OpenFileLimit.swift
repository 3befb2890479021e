private import Glibc

/// How many descriptors this process may hold.
package enum OpenFileLimit {
    /// Raises the soft limit to the hard limit, and returns the number of descriptors that may be open.
    ///
    /// The corresponding C functions are `getrlimit` and `setrlimit` with `RLIMIT_NOFILE`.
    package static func raise() throws(Errno) -> Int {
        var limit = rlimit()
        // The structure is the one that the call fills.
        _ = try retryingInterrupts { unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) }
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            // As above; the hard limit is never exceeded, so no privilege is needed.
            _ = try retryingInterrupts { unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
