private import CEventIO
package import LinuxSystem

/// Waits for many descriptors at once, in time that does not depend on how many there are.
///
/// The corresponding C functions are `epoll_create1`, `epoll_ctl` and `epoll_wait`.
@safe
package struct Poller: ~Copyable {
    /// What happened to a descriptor.
    package struct Events: OptionSet, Sendable {
        package let rawValue: UInt32

        package init(rawValue: UInt32) { self.rawValue = rawValue }

        /// There may be something to read, or the end.
        package static let readable = Events(rawValue: 0x001)
        /// There may be room to write, or a connection attempt has ended.
        package static let writable = Events(rawValue: 0x004)
        /// An error waits.
        package static let error = Events(rawValue: 0x008)
        /// Both directions have ended.
        package static let hangup = Events(rawValue: 0x010)
        /// The peer writes no more.
        package static let peerClosed = Events(rawValue: 0x2000)

        // Plain comparisons of numbers: the generic ones of OptionSet are not specialised across modules, and took a
        // tenth of the time of a proxy's worker.

        /// Whether a read gives something at once: bytes, the end or an error.
        package var allowReading: Bool { rawValue & 0x2019 != 0 }
        /// Whether a write makes progress at once, or gives an error.
        package var allowWriting: Bool { rawValue & 0x001c != 0 }
        /// Whether the end of what can be read is near.
        package var tellEnd: Bool { rawValue & 0x2018 != 0 }
        /// Whether neither direction is of use any more.
        package var tellBreak: Bool { rawValue & 0x0018 != 0 }
    }

    /// How a descriptor is watched.
    package enum Trigger: Sendable {
        /// Reading, writing and the peer's close; told once for each change.
        case edges
        /// Reading; told for as long as there is something.
        case level
    }

    private let handle: FileDescriptor
    // Room for `eventsMax` events; freed in deinit.
    private let events: UnsafeMutablePointer<ceventio_event>
    private static var eventsMax: Int { 512 }

    /// Opens a poller.
    ///
    /// - Throws: Why the kernel gives no descriptor.
    package init() throws(Errno) {
        let number = ceventio_open_poller()
        guard number >= 0 else { throw .current }
        handle = FileDescriptor(owning: number)
        unsafe events = .allocate(capacity: Self.eventsMax)
        unsafe events.initialize(repeating: ceventio_event(token: 0, events: 0), count: Self.eventsMax)
    }

    deinit { unsafe events.deallocate() }

    /// The descriptor, which is readable when an event waits.
    package var descriptor: Int32 { handle.number }

    /// Watches a descriptor from now on; closing it ends that.
    ///
    /// - Parameters:
    ///   - descriptor: The descriptor, once only.
    ///   - token: What `token(at:)` gives for its events.
    ///   - trigger: How often it is told of.
    /// - Throws: Why the kernel does not watch it.
    package borrowing func watch(_ descriptor: Int32, token: UInt64, _ trigger: Trigger) throws(Errno) {
        let error = ceventio_watch(handle.number, descriptor, token, trigger == .edges ? 1 : 0)
        guard error == 0 else { throw Errno(rawValue: error) }
    }

    /// Watches a descriptor no more.
    package borrowing func unwatch(_ descriptor: Int32) {
        // It fails for a descriptor that is not watched, and then there is nothing to end.
        _ = ceventio_unwatch(handle.number, descriptor)
    }

    /// Waits until something happens or the time is over, and returns the number of events.
    ///
    /// - Parameter milliseconds: How long to wait; a negative number waits for ever.
    /// - Returns: The number of events; none when the time is over, or a signal came.
    package mutating func wait(milliseconds: Int32) -> Int {
        // The room is as large as the limit says. A signal ends the wait without events; no other error can happen to
        // a poller and room of our own.
        let count = unsafe ceventio_wait(handle.number, events, Int32(Self.eventsMax), milliseconds)
        return Int(max(0, count))
    }

    /// The token of an event of the last wait.
    package borrowing func token(at index: Int) -> UInt64 {
        precondition(index >= 0 && index < Self.eventsMax, "no such event")
        return unsafe events[index].token
    }

    /// What happened in an event of the last wait.
    package borrowing func events(at index: Int) -> Events {
        precondition(index >= 0 && index < Self.eventsMax, "no such event")
        return unsafe Events(rawValue: events[index].events)
    }
}
