internal import ClusterState
internal import IngressDiscovery
internal import KubernetesAPI
internal import ListWatch

/// Which other pods of the gateway run, and at which addresses of nodes; asked of the API server step by step.
///
///     own pod ──▶ its labels ──▶ pods with these labels ──▶ the node of each that is ready
struct GatewayPods: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// How often the nodes are looked at.
    static let period = Duration.seconds(60)
    /// How soon the own pod or another part of the way is asked for again after a failure.
    static let retry = Duration.seconds(10)
    /// The most nodes whose addresses are published.
    static let nodesMax = 100

    private enum Step {
        case idle
        case ownPod
        case pods
        case nodes(left: [String], found: [Ingress.PublishedAddress])
    }

    private let pod: NamespacedName
    private let usesInternalAddresses: Bool
    private var step = Step.idle
    private var isAwaited = false
    private var selector: String?
    private var attempt: Instant
    private var isCountingOnly = false

    /// The addresses of the nodes, when they were found.
    private(set) var addresses: [Ingress.PublishedAddress]?
    /// How many other pods of the gateway run, when they were last counted.
    private(set) var otherCount: Int?
    /// What is wrong, in words; nil when nothing is.
    private(set) var problem: String?

    init(pod: NamespacedName, usesInternalAddresses: Bool, now: Instant) {
        self.pod = pod
        self.usesInternalAddresses = usesInternalAddresses
        attempt = now
    }

    /// Counts the other pods anew; `otherCount` is nil until that is done.
    mutating func count(now: Instant) {
        otherCount = nil
        isCountingOnly = true
        step = .idle
        isAwaited = false
        problem = nil
        attempt = now
    }

    /// When to ask for `next`; nil while an answer is awaited.
    var nextDeadline: Instant? { isAwaited ? nil : attempt }

    /// The request to send now, if there is one; its outcome has to be told.
    mutating func next(now: Instant) -> APIRequest? {
        guard !isAwaited, now >= attempt else { return nil }
        if case .idle = step { step = selector == nil ? .ownPod : .pods }
        isAwaited = true
        let pods = "/api/v1/namespaces/\(pod.namespace.percentEncoded)/pods"
        switch step {
        case .idle, .ownPod: return APIRequest(.get, "\(pods)/\(pod.name.percentEncoded)")
        case .pods: return APIRequest(.get, "\(pods)?labelSelector=\((selector ?? "").percentEncoded)")
        case .nodes(let left, _): return APIRequest(.get, "/api/v1/nodes/\((left.first ?? "").percentEncoded)")
        }
    }

    /// Takes how the last request went: with a status and a body, or without an answer.
    mutating func ended(status: Int?, body: ObjectValue?, now: Instant) {
        guard isAwaited else { return }
        isAwaited = false
        guard status == 200, let body else {
            if status == 404, case .nodes(let left, let found) = step {
                // The node went away between the questions.
                goOn(Array(left.dropFirst()), found, now)
                return
            }
            let what =
                switch step {
                case .idle, .ownPod: "the own pod \(pod)"
                case .pods: "the gateway's pods"
                case .nodes(let left, _): "node \(left.first ?? "")"
                }
            problem = "cannot get \(what): \(status.map { "the server answered \($0)" } ?? "there was no answer")"
            step = .idle
            attempt = now + Self.retry
            return
        }
        problem = nil
        switch step {
        case .idle: break
        case .ownPod:
            selector = Self.selector(body)
            step = .pods
            attempt = now
        case .pods: read(pods: body, now)
        case .nodes(let left, let found):
            goOn(Array(left.dropFirst()), found + [address(of: body)].compactMap(\.self), now)
        }
    }

    private mutating func read(pods: ObjectValue, _ now: Instant) {
        guard case .array(let items)? = pods["items"] else { return goOn([], [], now) }
        let running = items.filter {
            $0["metadata"]?["deletionTimestamp"] == nil && $0["status"]?["phase"]?.text == "Running"
        }
        otherCount = running.count { $0["metadata"]?["name"]?.text != pod.name }
        if isCountingOnly {
            step = .idle
            attempt = now + Self.period
            return
        }
        let nodes = Set(running.filter(Self.isReady).compactMap { $0["spec"]?["nodeName"]?.text })
        goOn(Array(nodes.sorted().prefix(Self.nodesMax)), [], now)
    }

    private mutating func goOn(_ nodes: [String], _ found: [Ingress.PublishedAddress], _ now: Instant) {
        if nodes.isEmpty {
            addresses = found
            step = .idle
            attempt = now + Self.period
        } else {
            step = .nodes(left: nodes, found: found)
            attempt = now
        }
    }

    private static func isReady(_ pod: ObjectValue) -> Bool {
        guard case .array(let conditions)? = pod["status"]?["conditions"] else { return false }
        return conditions.contains { $0["type"]?.text == "Ready" && $0["status"]?.text == "True" }
    }

    /// The labels of a pod as a selector, without those that tell its generation.
    private static func selector(_ pod: ObjectValue) -> String {
        guard case .object(let labels)? = pod["metadata"]?["labels"] else { return "" }
        let passing = ["pod-template-hash", "controller-revision-hash", "pod-template-generation"]
        return labels.filter { !passing.contains($0.name) }.compactMap { label in
            label.value.text.map { "\(label.name)=\($0)" }
        }.sorted().joined(separator: ",")
    }

    /// The external address of a node, or the internal one where that is wanted or there is no other.
    private func address(of node: ObjectValue) -> Ingress.PublishedAddress? {
        guard case .array(let addresses)? = node["status"]?["addresses"] else { return nil }
        func first(_ type: String) -> String? {
            addresses.first { $0["type"]?.text == type }.flatMap { $0["address"]?.text }
        }
        let text = usesInternalAddresses ? first("InternalIP") : first("ExternalIP") ?? first("InternalIP")
        return text.map { Ingress.PublishedAddress(ip: $0) }
    }
}
