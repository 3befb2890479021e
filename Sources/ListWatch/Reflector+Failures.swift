// What goes wrong, and what is done about it.
extension Reflector {
    /// Notes that the server has refused the request.
    ///
    /// - Parameters:
    ///   - status: What it said; the code is that of the answer.
    ///   - now: The time.
    ///   - random: Where chance comes from.
    /// - Returns: What to do about it.
    package mutating func refused(
        _ status: ServerStatus,
        _ now: Instant,
        random: inout some RandomNumberGenerator
    ) -> [ReflectorAction] {
        guard case .asking(let verb, _) = phase else { return [] }
        if status.asksForList { return expire(now, random: &random) }
        switch status.code {
        case 400 where usesPreferredFields && resource.preferredFieldSelector != nil:
            usesPreferredFields = false
            return restart(now, random: &random)
        case 400, 422:
            if verb == .watchWithObjects {
                knowsWatchList = false
                return restart(now, random: &random)
            }
            if verb == .watch {
                // A server that was built anew may not even be able to read the version of its predecessor.
                version = nil
                freshness = .latest
            }
            return fail(Self.words(status), now, random: &random, isCertain: true)
        case 401:
            if hasRenewedCredentials {
                return [.renewCredentials]
                    + fail("the credentials are refused: \(Self.words(status))", now, random: &random, isCertain: true)
            }
            hasRenewedCredentials = true
            return [.renewCredentials] + restart(now, random: &random)
        case 403:
            let advice = Self.advice(for: resource)
            let actions = fail("\(Self.words(status)); \(advice)", now, random: &random, isCertain: true)
            if resource.isOptional { hasSynced = true }
            isRefused = true
            return actions
        case 404:
            guard resource.isOptional else { return fail(Self.words(status), now, random: &random, isCertain: true) }
            hasSynced = true
            phase = .waiting(until: now + Self.absencePause)
            return [.abandon] + succeed()
        default:
            return fail(Self.words(status), now, random: &random, notBefore: status.retryAfter)
        }
    }

    /// Notes that a watch ended with an error event.
    package mutating func watchFailed(
        _ status: ServerStatus,
        _ now: Instant,
        random: inout some RandomNumberGenerator
    ) -> [ReflectorAction] {
        if status.asksForList { return expire(now, random: &random) }
        return fail(Self.words(status), now, random: &random, notBefore: status.retryAfter)
    }

    /// Notes that a watch has ended as the server meant it to.
    package mutating func watchEnded(_ now: Instant, random: inout some RandomNumberGenerator) -> [ReflectorAction] {
        guard case .receiving(let stream) = phase else { return [] }
        guard stream.verb == .watch, stream.isSettled || now - stream.since >= Self.settling else {
            return fail("the watch ended at once", now, random: &random)
        }
        return succeed() + restart(now, random: &random)
    }

    /// Notes that the connection, the answer or what it said is broken.
    package mutating func broke(
        _ reason: String,
        _ now: Instant,
        random: inout some RandomNumberGenerator
    ) -> [ReflectorAction] {
        if case .waiting = phase { return [] }
        return fail(reason, now, random: &random)
    }

    /// Asks again at once, in another way.
    private mutating func restart(_ now: Instant, random: inout some RandomNumberGenerator) -> [ReflectorAction] {
        phase = .waiting(until: now)
        return [.abandon] + timeHasCome(now, random: &random)
    }

    /// Begins a new list, since the server does not go on from where the last answer stopped.
    mutating func expire(_ now: Instant, random: inout some RandomNumberGenerator) -> [ReflectorAction] {
        // A page's token lives for minutes. A list that takes longer comes in one piece, however large.
        if continuation != nil { pageLimit = nil }
        continuation = nil
        version = nil
        freshness = .latest
        phase = .waiting(until: now + backoff.delay(random: &random))
        return [.abandon]
    }

    mutating func fail(
        _ reason: String,
        _ now: Instant,
        random: inout some RandomNumberGenerator,
        notBefore wait: Duration? = nil,
        isCertain: Bool = false
    ) -> [ReflectorAction] {
        let verb =
            switch phase {
            case .asking(let verb, _): verb
            case .receiving(let stream): stream.verb
            case .waiting: ReflectorRequest.Verb.list
            }
        let delay = max(backoff.delay(random: &random), wait ?? .zero)
        phase = .waiting(until: now + delay)
        // One failure is every server's restart; a second one in a row is worth a line.
        guard isCertain || backoff.failures > 1 else { return [.abandon] }
        hasReported = true
        return [.abandon, .report("cannot \(verb.isWatch ? "watch" : "list") \(resource): \(reason)")]
    }

    private static func words(_ status: ServerStatus) -> String {
        status.message.isEmpty ? "the server answers \(status.code)" : "\(status.message) (\(status.code))"
    }

    private static func advice(for resource: WatchedResource) -> String {
        var place = resource.namespace.map { "a Role in the namespace \($0)" } ?? "a ClusterRole"
        let name = resource.fieldSelector.flatMap { $0.hasPrefix("metadata.name=") ? $0.dropFirst(14) : nil }
        if let name { place = "\(place), for all names or for resourceNames [\(name)]," }
        return "grant the verbs list and watch on the resource \"\(resource.plural)\" of the API group "
            + "\"\(resource.group)\" in \(place) that is bound to this program's account"
    }
}
