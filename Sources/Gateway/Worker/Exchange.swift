internal import HTTPSemantics
internal import HTTPWire
internal import LoadBalancing
internal import Routing

/// One request and its response, from the complete request head to the log line.
///
/// What it refers to is kept alive by the shelf of tables, at the place that it holds on to.
@safe
struct Exchange: BitwiseCopyable {
    /// How far it came.
    enum Phase: UInt8 {
        /// The connection to the endpoint is not there yet.
        case connecting
        /// The request goes out, and no byte of the response was seen.
        case requesting
        /// The response's head was sent on; its body follows.
        case responding
        /// All was said, and waits to be taken by the client's socket.
        case flushing
    }

    struct Flags: OptionSet {
        let rawValue: UInt32

        /// The request's body was sent on to its end, or there is none.
        static let requestSent = Flags(rawValue: 1)
        /// Bytes of the request's body have gone out that are kept nowhere.
        static let bodyLeft = Flags(rawValue: 4)
        /// The client's connection ends with the response.
        static let closesClient = Flags(rawValue: 8)
        /// The endpoint's connection ends with the response.
        static let closesUpstream = Flags(rawValue: 16)
        /// The client understands chunks (HTTP/1.1).
        static let isHTTP11 = Flags(rawValue: 32)
        /// The response's body goes to the client in chunks.
        static let sendsChunks = Flags(rawValue: 64)
        /// The request came over TLS.
        static let isHTTPS = Flags(rawValue: 128)
        /// The client waits for leave to send its body.
        static let expectsContinue = Flags(rawValue: 256)
        /// A cookie of affinity goes with the response.
        static let setsCookie = Flags(rawValue: 512)
        /// The canary serves it.
        static let isCanary = Flags(rawValue: 1024)
        /// The end of the request's chunks was read, and its trailers come.
        static let inRequestTrailers = Flags(rawValue: 2048)
        /// The end of the response's chunks was read, and its trailers come.
        static let inResponseTrailers = Flags(rawValue: 4096)
        /// The attempt was told to the balancer, and its end was not.
        static let isCounted = Flags(rawValue: 32768)
        /// It came from a proxy that the operator trusts.
        static let isBelieved = Flags(rawValue: 1 << 20)
        /// The client's address, as that proxy tells it, is of the fourth version.
        static let isOriginIPv4 = Flags(rawValue: 1 << 23)
        /// That proxy says that it got the request over TLS.
        static let saysHTTPS = Flags(rawValue: 1 << 21)
        /// That proxy says that it got the request in clear.
        static let saysHTTP = Flags(rawValue: 1 << 22)
        /// The present attempt was noted for the log.
        static let isNoted = Flags(rawValue: 131072)
    }

    var phase = Phase.connecting
    var flags: Flags = []
    var method = HTTPMethod.get
    /// The links of both sides; -1 for none.
    var client: Int32 = -1
    var upstream: Int32 = -1
    /// The shelf's place of the tables that it began with.
    var shelf: Int32 = -1
    /// What was decided about it, kept alive by the shelf.
    var route: Unmanaged<Route>?
    var backend: Unmanaged<Backend>?
    /// Where the worker keeps what it knows of the backend; -1 before the first attempt.
    var place: Int32 = -1
    /// The endpoint of the present attempt.
    var slot: EndpointSlot?
    var tried = TriedEndpoints()
    var attempts: Int32 = 0
    /// What is kept for the log and for another attempt, as `SavedRequest` says.
    var saved: Int32 = -1
    var pieces = SavedPieces()

    /// The rest of the request's body, in bytes, where its length was said; -1 for chunks.
    var requestRest: Int64 = 0
    var requestChunks = ChunkedDecoder()
    /// The rest of the response's body, in bytes, where its length was said; -1 for chunks, -2 for the end of the stream.
    var responseRest: Int64 = 0
    var responseChunks = ChunkedDecoder()
    /// How many bytes of the request's body came from the client.
    var requestBodyBytes: Int64 = 0
    /// Since when the client's body is awaited, 0 for not at the moment, and for how long it was before; in milliseconds.
    var awaitedSince: Int64 = 0
    var awaited: Int64 = 0
    /// The length of the request's head and what came of its body.
    var requestBytes: Int64 = 0
    /// How many bytes of the body went to the client.
    var bodySent: Int64 = 0
    /// How many bytes went to the client, heads and the frames of chunks among them.
    var bytesSent: Int64 = 0
    /// How many bytes of the response's body came from the endpoint.
    var upstreamBytes: Int64 = 0

    var status: UInt16 = 0
    var upstreamStatus: UInt16 = 0
    /// How many interim responses came in the present attempt.
    var interimCount: UInt16 = 0
    /// The client's address as a trusted proxy has told it, of the family that the flags say.
    var originBits: UInt128 = 0
    /// Times in microseconds; 0 for what did not happen.
    var began: Int64 = 0
    var attemptBegan: Int64 = 0
    var connected: Int64 = 0
    var answered: Int64 = 0
    /// When the client ended its side, and how many bytes it had been sent by then; 0 for not yet.
    var endedAt: Int64 = 0
    var bytesSentAtEnd: Int64 = 0
    /// The key of affinity that the cookie holds or will hold.
    var affinityKey: UInt64 = 0
    /// The pipe through which the body moves; -1 for none.
    var splice: Int32 = -1
    /// How many bytes the pipe holds.
    var spliced: Int32 = 0
}

/// Where things lie in the buffer that an exchange keeps.
///
/// ```
///  | request line | host | referer | user agent | request id | failed attempts | request for the endpoint … |
/// ```
struct SavedPieces: BitwiseCopyable {
    var requestLine = Piece.none
    var host = Piece.none
    var referer = Piece.none
    var userAgent = Piece.none
    var requestID = Piece.none
    var remoteUser = Piece.none
    /// What the log says of attempts before the last.
    var upstream: Int32 = 0
}
