internal import EventIO
internal import Routing

/// Clients that end their side of the connection while their request is under way.
///
/// Whoever has closed and whoever only sends no more look alike, until bytes are sent to them: the first answers those
/// with a reset. So a client that has ended is waited for a moment, in which endpoints mostly answer; one that by then
/// has been sent nothing is taken for gone, and its endpoint is let go.
extension Worker {
    /// Looks whether the client of a request that is whole has ended its side.
    mutating func noteDeparture(_ exchange: Int32) {
        let client = exchanges[exchange].client
        guard io.links[client].flags.contains(.ending), exchanges[exchange].endedAt == 0,
            exchanges[exchange].flags.contains(.requestSent), exchanges[exchange].phase != .flushing
        else { return }
        exchanges[exchange].endedAt = now
        exchanges[exchange].bytesSentAtEnd = exchanges[exchange].bytesSent
        if !isHeldUp(exchange) { letClientRest(exchange) }
    }

    /// Nothing is expected of the client: it has no deadline, but for one that may be gone.
    mutating func letClientRest(_ exchange: Int32) {
        let ended = exchanges[exchange].endedAt
        io.wheel.set(exchanges[exchange].client, to: ended > 0 ? ended + settings.departureMilliseconds : .max)
    }

    /// The time is over in which a client that has ended would have been seen to be there.
    mutating func clientMayBeGone(_ exchange: Int32) {
        guard exchanges[exchange].endedAt > 0, exchanges[exchange].bytesSent == exchanges[exchange].bytesSentAtEnd
        else { return }
        abandon(exchange)
    }
}
