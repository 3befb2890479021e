internal import ByteBuffers
internal import HTTPSemantics
internal import KubeConfig
internal import KubernetesAPI
internal import ListWatch

/// Follows one resource: performs what its reflector wants, and tells it how that went.
final class ResourceFollower {
    private(set) var reflector: Reflector
    let connection: ServerConnection

    private let access: ServerAccess
    private let decoder: ObjectDecoder
    private let agent: String
    private var random = SystemRandomNumberGenerator()

    /// A request that waits until it can be sent.
    private var waiting: ReflectorRequest?
    private var verb = ReflectorRequest.Verb.list
    private var list = ListScanner()
    private var isListComplete = false
    private var event = JSONValueScanner()
    private var eventPosition = 0
    private var texts = TextCache()
    /// The answer that refuses the request, while its body arrives.
    private var refusal: AnswerHead?

    /// The longest body of a refusal that is read.
    private static let refusalBytesMax = 256 * 1024

    init(
        _ resource: WatchedResource,
        access: ServerAccess,
        connection: ServerConnection,
        agent: String,
        backoff: RetryBackoff,
        now: ContinuousClock.Instant
    ) {
        reflector = Reflector(resource, backoff: backoff, now: now)
        decoder = ObjectDecoder(kinds: [resource.kind])
        self.access = access
        self.connection = connection
        self.agent = agent
    }

    var resource: WatchedResource { reflector.resource }

    /// When to advance even if nothing happens.
    var nextDeadline: ContinuousClock.Instant {
        min(reflector.deadline, connection.nextDeadline ?? reflector.deadline)
    }

    /// Does all that can be done without waiting.
    func advance(now: ContinuousClock.Instant, news: inout PendingNews) {
        connection.beginTurn()
        perform(reflector.timeHasCome(now, random: &random), now: now, news: &news)
        while true {
            sendIfPossible(now: now, news: &news)
            switch connection.next(now: now) {
            case .nothing: return
            case .head(let head): begin(head, now: now)
            case .body: read(now: now, news: &news)
            case .end: end(now: now, news: &news)
            case .failed(let reason):
                if !reflectorHasAnswer { access.addressFailed() }
                perform(reflector.broke(reason, now, random: &random), now: now, news: &news)
            }
        }
    }

    /// Ends for ever; what it knew is gone, unless somebody else knows it.
    func stop(news: inout PendingNews, isKnownElsewhere: (ObjectReference) -> Bool) {
        connection.abandon()
        connection.close()
        for reference in reflector.references where !isKnownElsewhere(reference) { remove(reference, news: &news) }
        news.report(.resource(subject), [])
    }

    private var subject: String { "\(resource) \(resource.labelSelector ?? "")" }
    private var reflectorHasAnswer = false

    // MARK: - Asking

    private func perform(_ actions: [ReflectorAction], now: ContinuousClock.Instant, news: inout PendingNews) {
        for action in actions {
            switch action {
            case .send(let request):
                verb = request.verb
                list = ListScanner()
                isListComplete = false
                event = JSONValueScanner()
                eventPosition = 0
                refusal = nil
                reflectorHasAnswer = false
                waiting = request
            case .abandon:
                waiting = nil
                connection.abandon()
            case .renewCredentials: access.renewCredentials()
            case .remove(let references):
                for reference in references { remove(reference, news: &news) }
            case .report(let message):
                let problem = message.map { ObjectProblem(origin: access.server.description, message: $0) }
                news.report(.resource(subject), problem.map { [$0] } ?? [])
            }
        }
    }

    private func sendIfPossible(now: ContinuousClock.Instant, news: inout PendingNews) {
        guard let request = waiting else { return }
        switch access.admit(now: now) {
        case .waiting: return
        case .failed(let reason):
            waiting = nil
            perform(reflector.broke(reason, now, random: &random), now: now, news: &news)
        case .ready(let admission):
            waiting = nil
            let bytes = requestBytes(
                .get,
                request.target,
                server: access.server,
                authorization: admission.authorization,
                agent: agent,
                // Streams are not compressed by any server: an event would have to wait in its compressor.
                acceptsGzip: !request.verb.isWatch
            )
            connection.send(ServerConnection.Request(method: .get, bytes: bytes), to: admission.target, now: now)
        }
    }

    // MARK: - Reading

    private func begin(_ head: AnswerHead, now: ContinuousClock.Instant) {
        reflectorHasAnswer = true
        if head.status == 200 { reflector.accepted(now) } else { refusal = head }
    }

    private func read(now: ContinuousClock.Instant, news: inout PendingNews) {
        if refusal != nil {
            if connection.withBody({ $0.count }) > Self.refusalBytesMax { end(now: now, news: &news) }
            return
        }
        reflector.heard(now)
        do throws(JSONError) {
            try connection.withBody { body throws(JSONError) in
                if verb.isWatch {
                    try readEvents(in: &body, now: now, news: &news)
                } else {
                    try readItems(in: &body, news: &news)
                }
            }
        } catch {
            perform(reflector.broke("the answer is broken \(error)", now, random: &random), now: now, news: &news)
        }
    }

    private func readItems(in body: inout ByteBuffer, news: inout PendingNews) throws(JSONError) {
        while true {
            switch try list.next(in: body.bytes) {
            case .item(let range):
                let item = try JSONReader.value(of: body.bytes.extracting(range), sharing: &texts)
                guard let identity = ObjectIdentity(of: item, kind: resource.kind) else {
                    throw JSONError(offset: range.lowerBound, message: "an item has no name")
                }
                if reflector.listed(identity) == .apply { apply(item, identity, news: &news) }
            case .more(let used):
                body.removeFirst(used)
                return
            case .end:
                isListComplete = true
                body.removeAll()
                return
            }
        }
    }

    private func readEvents(
        in body: inout ByteBuffer,
        now: ContinuousClock.Instant,
        news: inout PendingNews
    ) throws(JSONError) {
        var start = 0
        var position = eventPosition
        while event.advance(through: body.bytes, from: &position) {
            let event = try WatchEvent(body.bytes.extracting(start..<position), sharing: &texts)
            start = position
            perform(take(event, now: now, news: &news), now: now, news: &news)
            // An event may have ended the watch, and with it what is left of the stream.
            guard connection.isBusy, waiting == nil else { return }
        }
        body.removeFirst(start)
        eventPosition = position - start
        guard eventPosition <= ListScanner.itemBytesMax else {
            throw JSONError(offset: eventPosition, message: "an event is too long")
        }
    }

    private func take(
        _ event: WatchEvent,
        now: ContinuousClock.Instant,
        news: inout PendingNews
    ) -> [ReflectorAction] {
        switch event {
        case .applied(let object):
            guard let identity = ObjectIdentity(of: object, kind: resource.kind) else { return [] }
            if reflector.applied(identity) == .apply { apply(object, identity, news: &news) }
        case .deleted(let object):
            guard let identity = ObjectIdentity(of: object, kind: resource.kind) else { return [] }
            if reflector.deleted(identity) == .remove { remove(identity.reference, news: &news) }
        case .bookmark(let version, let endsInitialEvents):
            return reflector.bookmark(version, endsInitialEvents: endsInitialEvents, now, random: &random)
        case .error(let status): return reflector.watchFailed(status, now, random: &random)
        }
        return reflector.eventArrived()
    }

    private func end(now: ContinuousClock.Instant, news: inout PendingNews) {
        if let refusal {
            let status = status(of: refusal)
            perform(reflector.refused(status, now, random: &random), now: now, news: &news)
        } else if verb.isWatch {
            let actions =
                event.hasBegun
                ? reflector.broke("the answer is cut off", now, random: &random)
                : reflector.watchEnded(now, random: &random)
            perform(actions, now: now, news: &news)
        } else {
            perform(listEnded(now: now), now: now, news: &news)
        }
    }

    private func listEnded(now: ContinuousClock.Instant) -> [ReflectorAction] {
        guard isListComplete else { return reflector.broke("the answer is cut off", now, random: &random) }
        do throws(JSONError) {
            let envelope = try ListEnvelope(list.around.span)
            return reflector.pageEnded(envelope, now, random: &random)
        } catch {
            return reflector.broke("the answer is broken \(error)", now, random: &random)
        }
    }

    private func status(of head: AnswerHead) -> ServerStatus {
        var status = ServerStatus(code: head.status)
        // A proxy in between may answer with a page that is no Status.
        let value = connection.withBody { body in try? JSONReader.value(of: body.bytes) }
        if let value, value["kind"] == .string("Status") {
            status = ServerStatus(value)
            status.code = head.status
        }
        status.retryAfter = head.retryAfter ?? status.retryAfter
        return status
    }

    // MARK: - Objects

    private func apply(_ object: ObjectValue, _ identity: ObjectIdentity, news: inout PendingNews) {
        var decoded = DecodedObjects()
        decoder.decode(object, origin: nil, inherited: resource.type, into: &decoded)
        if let object = decoded.objects.first {
            news.add(.applied(object))
        } else {
            // What cannot be read any more is as good as gone; the problem says why.
            news.add(.removed(identity.reference))
        }
        news.report(.object(identity.reference), decoded.problems)
        news.notice(.object(identity.reference), decoded.notices)
    }

    private func remove(_ reference: ObjectReference, news: inout PendingNews) {
        news.add(.removed(reference))
        news.report(.object(reference), [])
        news.notice(.object(reference), [])
    }
}
