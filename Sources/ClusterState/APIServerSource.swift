package import KubeConfig
package import KubernetesAPI
package import LinuxSystem
package import ListWatch

/// An API server as a source of objects.
///
/// All of its sockets are under one descriptor, and all of its work is done in `read`, which never waits. Until every
/// resource was received once, `hasSynced` is false and no object is told: whoever programs a kernel from these news
/// must not begin before, or it would remove what it cannot see yet. From then on, what was told stays true until an
/// event or a complete list says otherwise, however long the server is away.
package final class APIServerSource: ObjectSource {
    private let queue: ReadinessSet
    private let access: ServerAccess
    private let agent: String
    private let backoff: RetryBackoff
    private var followers: [WatchedResource: ResourceFollower] = [:]
    private let sender: RequestSender
    private var news = PendingNews()
    private var lastToken: UInt64 = 0
    /// When something was asked of the source that no `read` has seen: to follow a resource, or to send a request.
    private var askedAt: ContinuousClock.Instant?

    /// Whether all resources that are followed from the beginning have been received once.
    package private(set) var hasSynced = false

    /// Creates a source; nothing is connected before `read`.
    ///
    /// - Parameters:
    ///   - access: Where the server is and how to be let in.
    ///   - resources: What to follow.
    ///   - agent: What the server's log calls this program, such as `fairlead/1.0 (linux/amd64)`.
    ///   - limits: How many single requests are sent.
    /// - Throws: Why the kernel gives no descriptor.
    package convenience init(
        access: ClusterAccess,
        resources: [WatchedResource],
        agent: String,
        limits: APIRequestLimits = APIRequestLimits()
    ) throws(Errno) {
        try self.init(access: access, resources: resources, agent: agent, limits: limits, backoff: RetryBackoff())
    }

    /// Creates a source with waits of the caller's after failures.
    init(
        access: ClusterAccess,
        resources: [WatchedResource],
        agent: String,
        limits: APIRequestLimits,
        backoff: RetryBackoff
    ) throws(Errno) {
        let now = ContinuousClock.now
        queue = try ReadinessSet()
        self.access = ServerAccess(access, queue: queue)
        self.agent = agent
        self.backoff = backoff
        sender = RequestSender(
            access: self.access,
            connection: ServerConnection(token: 0, queue: queue),
            agent: agent,
            limits: limits,
            now: now
        )
        follow(resources)
    }

    /// The descriptor that is readable when a socket of the source is ready.
    package var descriptor: Int32 { queue.descriptor }

    /// When to read even if the descriptor stays quiet.
    package var nextDeadline: ContinuousClock.Instant? {
        // An instant of the past: the present would always lie ahead of the time that the reader took before.
        if let askedAt { return askedAt }
        let deadlines = followers.values.map(\.nextDeadline)
        return (deadlines + [sender.nextDeadline].compactMap(\.self)).min()
    }

    /// Does all that can be done without waiting, and returns what changed since the last call.
    ///
    /// Objects are told from the first call on that finds `hasSynced`.
    package func read() -> SourceNews {
        let ready = queue.takeReady()
        let now = ContinuousClock.now
        // A thread that is done, or a new follower, may let everybody go on.
        let everybody = askedAt != nil || ready.contains(ServerAccess.token)
        askedAt = nil
        for follower in followers.values
        where everybody || ready.contains(follower.connection.token) || follower.nextDeadline <= now {
            follower.advance(now: now, news: &news)
        }
        sender.advance(now: now)
        if !hasSynced { hasSynced = followers.values.allSatisfy(\.reflector.hasSynced) }
        return news.take(withChanges: hasSynced)
    }

    /// Follows these resources from now on; objects of those that were followed before and are no more are told as removed.
    package func follow(_ resources: [WatchedResource]) {
        for (resource, follower) in followers where !resources.contains(resource) {
            followers[resource] = nil
            // What another follower knows as well is not gone.
            let others = followers.values.filter { $0.resource.kind == resource.kind }
            follower.stop(news: &news) { reference in others.contains { $0.reflector.knows(reference) } }
        }
        let now = ContinuousClock.now
        for resource in resources where followers[resource] == nil {
            lastToken += 1
            followers[resource] = ResourceFollower(
                resource,
                access: access,
                connection: ServerConnection(token: lastToken, queue: queue),
                agent: agent,
                backoff: backoff,
                now: now
            )
        }
        askedAt = now
    }

    /// Whether all objects of a resource have been received once.
    package func hasSynced(_ resource: WatchedResource) -> Bool {
        followers[resource]?.reflector.hasSynced ?? false
    }

    /// Whether the server has refused a resource that is followed, as far as its last answer tells (403).
    package func isRefused(_ resource: WatchedResource) -> Bool { followers[resource]?.reflector.isRefused ?? false }

    /// Whether an object is among those of a resource that is followed.
    package func knows(_ reference: ObjectReference, through resource: WatchedResource) -> Bool {
        followers[resource]?.reflector.knows(reference) ?? false
    }

    /// The number of lists of a resource that were begun, for metrics and tests.
    package func listCount(of resource: WatchedResource) -> Int { followers[resource]?.reflector.listsBegun ?? 0 }

    // MARK: - Single requests

    /// Sends a request as soon as the limits allow; the result comes with `takeResults` after a `read`.
    ///
    /// - Parameter request: The request.
    /// - Returns: A number that the result will have; nil when so many requests wait that this one is refused.
    package func enqueue(_ request: APIRequest) -> UInt64? {
        askedAt = askedAt ?? .now
        return sender.enqueue(request)
    }

    /// How the requests went that have ended since the last call, in the order in which they ended.
    package func takeResults() -> [APIResult] { sender.takeResults() }
}
