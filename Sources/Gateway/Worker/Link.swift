internal import EventIO
internal import LoadBalancing

/// A connection of a worker, to a client or to an endpoint, as it lies in the slab.
///
/// An idle one owns no buffer: what arrives goes to the worker's own, and only what cannot be used or sent at once is
/// kept beside.
struct Link: BitwiseCopyable {
    /// Whom it connects with.
    enum Role: UInt8 {
        case none, client, upstream
    }

    /// Where it is in its life.
    enum State: UInt8 {
        /// The TLS handshake is under way, or the attempt to connect.
        case opening
        /// No request is under way.
        case idle
        /// Part of a request head is there.
        case head
        /// A request is under way.
        case busy
        /// The last response was sent; what still comes is thrown away until the peer has taken note.
        case lingering
        /// It is closed as soon as what waits has been sent.
        case closing
    }

    struct Flags: OptionSet {
        let rawValue: UInt16

        /// There may be something to read.
        static let mayRead = Flags(rawValue: 1)
        /// There may be room to write.
        static let mayWrite = Flags(rawValue: 2)
        /// The peer has closed or the connection broke: reading goes on to the very end.
        static let ending = Flags(rawValue: 4)
        /// The end was read.
        static let ended = Flags(rawValue: 8)
        /// It waits in the list of links that go on in this round.
        static let queued = Flags(rawValue: 16)
        /// It served a request before the present one.
        static let reused = Flags(rawValue: 32)
        /// The body of a request is still to come, which nobody wants.
        static let unread = Flags(rawValue: 64)
        /// The last write took less than it was given.
        static let congested = Flags(rawValue: 128)
        /// The connection broke.
        static let broken = Flags(rawValue: 256)
        /// The endpoint's last response was so large that most of it went through a pipe.
        static let spliced = Flags(rawValue: 512)
    }

    var stream = Stream.none
    /// Tells events of this connection from those of one that had the number before.
    var generation: UInt32 = 0
    var role = Role.none
    var state = State.opening
    var flags: Flags = []
    /// What arrived and was not used yet; -1 for nothing.
    var input: Int32 = -1
    /// What waits to be sent; -1 for nothing.
    var output: Int32 = -1
    /// The TLS session; -1 for none.
    var session: Int32 = -1
    /// The exchange that is under way; -1 for none.
    var exchange: Int32 = -1
    /// How many requests it has carried.
    var requestCount: Int32 = 0
    /// The listener that took it.
    var listener: UInt8 = 0
    /// The neighbours in the list of idle connections to an endpoint.
    var next: Int32 = -1
    var previous: Int32 = -1
    /// Where the worker keeps the backend, and the endpoint that it leads to.
    var place: Int32 = -1
    var slot: EndpointSlot?
    /// The address at the other end.
    var peer: PeerAddress
}
