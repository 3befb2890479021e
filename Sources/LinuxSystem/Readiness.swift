private import Glibc

/// A descriptor that is waited for, and what happened to it.
///
/// For loops that watch a handful of descriptors: a wait costs time in proportion to them all.
package struct Readiness: Sendable {
    /// The number of the descriptor; its owner keeps it open during the wait.
    package let number: Int32
    /// Whether to wait until there is something to read or to accept.
    package let awaitsReading: Bool
    /// Whether to wait until something can be written, or a connection attempt ended.
    package let awaitsWriting: Bool
    /// Whether a read gives bytes, an end or an error at once.
    package fileprivate(set) var isReadable = false
    /// Whether a write makes progress or gives an error at once.
    package fileprivate(set) var isWritable = false

    /// Asks for a descriptor; with neither interest, only an error or a hang-up ends the wait.
    package init(of number: Int32, reading: Bool = false, writing: Bool = false) {
        self.number = number
        self.awaitsReading = reading
        self.awaitsWriting = writing
    }

    /// Waits until a descriptor is ready or the time is over; true says that at least one is ready.
    ///
    /// No timeout waits for ever; a timeout is rounded up to a whole millisecond. An error or a hang-up makes a
    /// descriptor both readable and writable, so that the next call reports it. The corresponding C function is `poll`.
    package static func wait(for entries: inout [Readiness], timeout: Duration?) throws(Errno) -> Bool {
        var requests = entries.map { entry in
            pollfd(
                fd: entry.number,
                events: Int16((entry.awaitsReading ? POLLIN : 0) | (entry.awaitsWriting ? POLLOUT : 0)),
                revents: 0
            )
        }
        let deadline = timeout.map { ContinuousClock.now + $0 }
        var milliseconds = timeout.map(roundedUpMilliseconds) ?? -1
        while true {
            // The array holds as many requests as its count says.
            let count = unsafe poll(&requests, nfds_t(requests.count), milliseconds)
            if count >= 0 {
                for index in entries.indices {
                    let events = Int32(requests[index].revents)
                    let failed = events & (POLLERR | POLLHUP | POLLNVAL) != 0
                    entries[index].isReadable = failed || events & POLLIN != 0
                    entries[index].isWritable = failed || events & POLLOUT != 0
                }
                return count > 0
            }
            let error = Errno.current
            guard error == .interrupted else { throw error }
            if let deadline { milliseconds = roundedUpMilliseconds(deadline - ContinuousClock.now) }
        }
    }

    private static func roundedUpMilliseconds(_ duration: Duration) -> Int32 {
        guard duration > .zero else { return 0 }
        let (seconds, attoseconds) = duration.components
        guard seconds < Int64(Int32.max) / 1000 else { return .max }
        let millisecond: Int64 = 1_000_000_000_000_000
        return Int32(seconds * 1000 + (attoseconds + millisecond - 1) / millisecond)
    }
}
