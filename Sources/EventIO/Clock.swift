private import CEventIO

/// The clocks of the event loop.
package enum SystemClock {
    /// Nanoseconds of a clock that never goes back (`CLOCK_MONOTONIC`).
    package static var monotonicNanoseconds: Int64 { ceventio_monotonic() }

    /// Seconds since 1970, and the nanoseconds of the present one (`CLOCK_REALTIME`).
    package static var wall: (seconds: Int64, nanoseconds: Int32) {
        var nanoseconds: Int32 = 0
        // The number is ours and ends with the call.
        let seconds = unsafe ceventio_wall(&nanoseconds)
        return (seconds, nanoseconds)
    }
}

/// Random numbers of the kernel, for seeds.
package enum SystemRandom {
    /// Returns 64 random bits; the corresponding C function is `getrandom`.
    package static func seed() -> UInt64 {
        var value: UInt64 = 0
        // The number is ours, and as large as the count says.
        let error = unsafe ceventio_random(&value, MemoryLayout<UInt64>.size)
        precondition(error == 0, "getrandom refuses: error \(error)")
        return value
    }
}
