package import KubernetesAPI

/// Follows one resource of an API server: what to ask, what an answer means, and what to do when there is none.
///
/// ```
///                    ┌───────────── history is gone (410) ──────────────┐
///                    ▼                                                  │
///   waiting ──► watch with objects ──► "that was all" ──► watching ─────┤
///      ▲             │ unknown here                          ▲   │      │
///      │             ▼                                       │   │ ended, reset, silent
///      │           list ──► next page ──► "that was all" ────┘   │
///      └──────────────── anything that fails ◄───────────────────┘
/// ```
///
/// It has no clock, no socket and no chance of its own: the caller tells the time, performs the actions and tells how
/// they went. What is known stays known while the server is away; nothing is removed but by an event, or by a list
/// that has been received to its end.
package struct Reflector: Sendable {
    /// The instants that a reflector reckons with.
    package typealias Instant = ContinuousClock.Instant

    /// What is followed.
    package let resource: WatchedResource

    /// Whether all objects have been received once.
    package internal(set) var hasSynced = false

    /// Whether the server does not let this program have the objects (403), as of its last answer.
    package internal(set) var isRefused = false

    /// The number of lists that were begun, for metrics and tests.
    package internal(set) var listsBegun = 0

    var phase: Phase
    var backoff: RetryBackoff

    /// The version that the next watch goes on from; nil when a list is needed.
    var version: ResourceVersion?
    var known: [ObjectReference: Known] = [:]
    /// The number of the list that is under way; objects that it does not hold are gone at its end.
    var generation: UInt32 = 0

    /// The page to ask for; nil for the first.
    var continuation: String?
    var pageLimit: Int? = Self.pageLimit
    var freshness = ReflectorRequest.Freshness.any
    var knowsWatchList = true
    var usesPreferredFields = true
    var hasRenewedCredentials = false
    var hasReported = false

    enum Phase: Hashable, Sendable {
        /// Nothing is under way until a time.
        case waiting(until: Instant)
        /// A request was sent, and its answer has not begun.
        case asking(ReflectorRequest.Verb, since: Instant)
        /// The answer is being received.
        case receiving(Stream)
    }

    /// An answer that is being received.
    struct Stream: Hashable, Sendable {
        var verb: ReflectorRequest.Verb
        let since: Instant
        var heard: Instant
        /// How long the server was told to let a watch live.
        let seconds: Int
        /// The version that the watch began with.
        let begin: ResourceVersion?
        var hasBookmarks = false
        var isSettled = false
    }

    struct Known: Hashable, Sendable {
        var version: ResourceVersion?
        var generation: UInt32
    }

    var watchSeconds = 0

    /// Creates a reflector that is to begin at once.
    package init(_ resource: WatchedResource, backoff: RetryBackoff = RetryBackoff(), now: Instant) {
        self.resource = resource
        self.backoff = backoff
        phase = .waiting(until: now)
    }

    /// The number of objects that are known.
    package var objectCount: Int { known.count }

    /// What identifies each object that is known, in no particular order.
    package var references: [ObjectReference] { Array(known.keys) }

    /// Whether an object is among those that the server holds, as far as is known.
    package func knows(_ reference: ObjectReference) -> Bool { known[reference] != nil }

    // MARK: - Time

    /// When to call `timeHasCome` unless something happens before.
    package var deadline: Instant {
        switch phase {
        case .waiting(let time): return time
        case .asking(_, let since): return since + Self.answerWait
        case .receiving(let stream):
            switch stream.verb {
            case .list: return stream.heard + Self.listSilence
            case .watchWithObjects: return min(stream.heard + Self.objectsSilence, stream.since + Self.objectsWait)
            case .watch:
                let end = stream.since + .seconds(stream.seconds) + Self.watchOvertime
                if !stream.isSettled { return stream.since + Self.settling }
                return stream.hasBookmarks ? min(end, stream.heard + Self.bookmarkSilence) : end
            }
        }
    }

    /// Does what is due: sends the next request, or gives up one that is not answered.
    package mutating func timeHasCome(
        _ now: Instant,
        random: inout some RandomNumberGenerator
    ) -> [ReflectorAction] {
        guard now >= deadline else { return [] }
        switch phase {
        case .waiting: return [.send(nextRequest(now, random: &random))]
        case .asking: return fail("there was no answer in time", now, random: &random)
        case .receiving(var stream):
            switch stream.verb {
            case .list: return fail("the answer stopped halfway", now, random: &random)
            case .watchWithObjects:
                // Servers before Kubernetes 1.27 pass over what they do not know, and never say "that was all".
                knowsWatchList = false
                phase = .waiting(until: now)
                return [.abandon] + timeHasCome(now, random: &random)
            case .watch:
                if !stream.isSettled {
                    stream.isSettled = true
                    phase = .receiving(stream)
                    return succeed()
                }
                return fail("the watch went silent", now, random: &random)
            }
        }
    }

    mutating func nextRequest(_ now: Instant, random: inout some RandomNumberGenerator) -> ReflectorRequest {
        var selectors = ReflectorRequest.Selectors(labels: resource.labelSelector, fields: [])
        if let fields = resource.fieldSelector { selectors.fields.append(fields) }
        if usesPreferredFields, let fields = resource.preferredFieldSelector { selectors.fields.append(fields) }
        let request: ReflectorRequest
        if version != nil || knowsWatchList {
            // Servers end all watches of a cluster at different times, so that they do not come back together.
            watchSeconds = Int.random(in: Self.watchSecondsRange, using: &random)
            if version == nil { beginList() }
            request = .watch(resource, selectors: selectors, from: version, seconds: watchSeconds)
        } else {
            if continuation == nil { beginList() }
            request = .list(
                resource,
                selectors: selectors,
                freshness: freshness,
                limit: pageLimit,
                continuation: continuation
            )
        }
        phase = .asking(request.verb, since: now)
        return request
    }

    private mutating func beginList() {
        generation &+= 1
        listsBegun += 1
    }

    // MARK: - Success

    /// Notes that the server has agreed to answer.
    package mutating func accepted(_ now: Instant) {
        guard case .asking(let verb, _) = phase else { return }
        hasRenewedCredentials = false
        isRefused = false
        phase = .receiving(
            Stream(verb: verb, since: now, heard: now, seconds: watchSeconds, begin: version)
        )
    }

    /// Notes that bytes of the answer have arrived.
    package mutating func heard(_ now: Instant) {
        guard case .receiving(var stream) = phase else { return }
        stream.heard = now
        phase = .receiving(stream)
    }

    /// Notes the end of a page: asks for the next one, or begins to watch.
    package mutating func pageEnded(
        _ envelope: ListEnvelope,
        _ now: Instant,
        random: inout some RandomNumberGenerator
    ) -> [ReflectorAction] {
        continuation = envelope.continuation
        if continuation != nil { return [.send(nextRequest(now, random: &random))] }
        guard let end = envelope.version else {
            return fail("the list has no resourceVersion", now, random: &random)
        }
        let removed = listEnded(end)
        return removed + [.send(nextRequest(now, random: &random))]
    }

    /// Notes that a list is complete up to a version, and says which objects it did not hold.
    mutating func listEnded(_ end: ResourceVersion) -> [ReflectorAction] {
        version = end
        hasSynced = true
        pageLimit = Self.pageLimit
        freshness = .latest
        let gone = known.filter { $0.value.generation != generation }.keys.sorted()
        for reference in gone { known[reference] = nil }
        return gone.isEmpty ? [] : [.remove(gone)]
    }

    /// Forgets failures: the watch stands.
    mutating func succeed() -> [ReflectorAction] {
        backoff.reset()
        guard hasReported else { return [] }
        hasReported = false
        return [.report(nil)]
    }

    // MARK: - Constants

    /// The number of objects in a page, as client-go asks for them.
    static let pageLimit = 500

    /// How long a watch is asked to live: five to ten minutes, as client-go does.
    static let watchSecondsRange = 300...599

    /// How long to wait for the head of an answer; servers give up after sixty seconds themselves.
    static let answerWait = Duration.seconds(65)

    /// How long a list may stop in between.
    static let listSilence = Duration.seconds(60)

    /// How long a watch that begins with objects may stop before it said "that was all".
    static let objectsSilence = Duration.seconds(10)

    /// How long it may take to say so.
    static let objectsWait = Duration.seconds(60)

    /// How long past its time a watch may go on before its connection counts as dead.
    static let watchOvertime = Duration.seconds(30)

    /// How long a watch with bookmarks may be silent; they come each minute.
    static let bookmarkSilence = Duration.seconds(150)

    /// How long a watch must stand to count as a success.
    static let settling = Duration.seconds(5)

    /// How long to leave a resource alone that the server does not know.
    static let absencePause = Duration.seconds(300)
}
