internal import ClusterState
internal import IngressDiscovery
internal import KubernetesAPI
internal import ListWatch

/// Which Ingresses have to be told where clients reach them, and when.
///
/// It knows the served Ingresses alone, so that it cannot touch another controller's. What an Ingress says of itself
/// comes from the watch: a write that went well is taken for done until the watch says otherwise.
struct StatusWriter: Sendable {
    typealias Instant = ContinuousClock.Instant
    typealias Address = Ingress.PublishedAddress

    /// The most writes that are under way at once.
    static let writesMax = 10
    /// How long after a failure a write is made again, the first time; it doubles up to the limit.
    static let retry = Duration.seconds(5)
    static let retryMax = Duration.seconds(60)
    /// How often everything is compared again, whatever the watch said.
    static let comparePeriod = Duration.seconds(60)

    /// One write, to be made now.
    struct Write: Hashable {
        let name: NamespacedName
        let addresses: [Address]
        let request: APIRequest
    }

    private struct Entry {
        /// What the Ingress says, as the server told it or took it last; sorted.
        var current: [Address]
        /// What the server told last, which the watch has not yet caught up with after a write.
        var told: [Address]
        var isUnderWay = false
        var failures = 0
        var notBefore: Instant?
    }

    private var entries: [NamespacedName: Entry] = [:]
    private var differing: Set<NamespacedName> = []
    private var underWay = 0
    private var compareAt: Instant?

    /// The addresses to say, sorted; nil while they are not known, and then nothing is written.
    private(set) var wanted: [Address]?
    /// Whether the addresses are being taken away from whoever has them.
    private(set) var isClearing = false

    /// Says which addresses the Ingresses are to have.
    mutating func want(_ addresses: [Address]?) {
        let sorted = addresses.map { Set($0).sorted() }
        guard sorted != wanted, !isClearing else { return }
        wanted = sorted
        compareAll()
    }

    /// Takes what a served Ingress says of itself.
    mutating func served(_ name: NamespacedName, published: [Address]) {
        let told = published.sorted()
        if entries[name]?.told == told { return }
        entries[name, default: Entry(current: told, told: told)].told = told
        entries[name]?.current = told
        compare(name)
    }

    /// Forgets an Ingress that is gone, or is another's now.
    mutating func left(_ name: NamespacedName) {
        if entries.removeValue(forKey: name)?.isUnderWay == true { underWay -= 1 }
        differing.remove(name)
    }

    /// Takes the addresses away from all Ingresses that have them and no others.
    mutating func clear() {
        guard let addresses = wanted, !addresses.isEmpty else {
            isClearing = true
            differing = []
            return
        }
        isClearing = true
        wanted = []
        differing = []
        for (name, entry) in entries where entry.current == addresses || entry.isUnderWay {
            entries[name]?.failures = 0
            entries[name]?.notBefore = nil
            differing.insert(name)
        }
    }

    /// Whether nothing is left to write after `clear`.
    var isCleared: Bool { isClearing && differing.isEmpty && underWay == 0 }

    /// The writes to make now, each to be told of with `ended`.
    mutating func next(now: Instant) -> [Write] {
        guard let wanted else { return [] }
        if !isClearing, compareAt.map({ $0 <= now }) ?? true {
            compareAt = now + Self.comparePeriod
            // What the watch has not confirmed by now was undone by somebody.
            entries = entries.mapValues { entry in
                var entry = entry
                if !entry.isUnderWay { entry.current = entry.told }
                return entry
            }
            compareAll()
        }
        var writes: [Write] = []
        for name in differing.sorted() {
            guard underWay < Self.writesMax else { break }
            guard let entry = entries[name], !entry.isUnderWay, entry.notBefore.map({ $0 <= now }) ?? true else {
                continue
            }
            entries[name]?.isUnderWay = true
            underWay += 1
            writes.append(Write(name: name, addresses: wanted, request: Self.request(name, wanted)))
        }
        return writes
    }

    /// Takes how a write ended: with a status, or with no answer.
    mutating func ended(_ write: Write, status: Int?, now: Instant) {
        guard entries[write.name]?.isUnderWay == true else { return }
        entries[write.name]?.isUnderWay = false
        underWay -= 1
        switch status {
        case 200?, 201?:
            entries[write.name]?.failures = 0
            entries[write.name]?.current = write.addresses
            compare(write.name)
        case 404?:
            // It is gone, as the watch will say.
            differing.remove(write.name)
        default:
            let failures = entries[write.name]?.failures ?? 0
            entries[write.name]?.failures = failures + 1
            entries[write.name]?.notBefore = now + min(Self.retry * (1 << min(failures, 6)), Self.retryMax)
            // Nobody waits for long at the end.
            if isClearing { differing.remove(write.name) }
        }
    }

    /// When to ask for `next`; nil when only news can bring something to do.
    var nextDeadline: Instant? {
        guard wanted != nil else { return nil }
        let hasRoom = underWay < Self.writesMax
        let retries = differing.compactMap { name in
            entries[name].flatMap { $0.isUnderWay || !hasRoom ? nil : $0.notBefore }
        }
        return (retries + [isClearing ? nil : compareAt].compactMap(\.self)).min()
    }

    private mutating func compareAll() { for name in entries.keys { compare(name) } }

    private mutating func compare(_ name: NamespacedName) {
        guard let wanted, let entry = entries[name] else { return }
        if isClearing {
            if entry.current.isEmpty { differing.remove(name) }
        } else if entry.current == wanted {
            differing.remove(name)
        } else {
            differing.insert(name)
        }
    }

    private static func request(_ name: NamespacedName, _ addresses: [Address]) -> APIRequest {
        let entries = addresses.map {
            ObjectValue.members(["ip": $0.ip.map { .string($0) }, "hostname": $0.hostname.map { .string($0) }])
        }
        let balancer = ObjectValue.members(["ingress": entries.isEmpty ? .null : .array(entries)])
        let body = ObjectValue.members(["status": .members(["loadBalancer": balancer])])
        let path = "/apis/networking.k8s.io/v1/namespaces/\(name.namespace.percentEncoded)/ingresses/"
        return APIRequest(.mergePatch, "\(path)\(name.name.percentEncoded)/status", body: body.jsonText)
    }
}
