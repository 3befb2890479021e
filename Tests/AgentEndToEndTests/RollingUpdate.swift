import Glibc
import LabKit
import NetworkAddress

/// A rolling update that does not end: each Service's endpoints are replaced one by one, oldest first.
///
/// A pod is an address on which a server listens. One that comes listens before it is published; one that leaves stops
/// listening after the kernel leads nobody there any longer, and its address is used again much later.
final class RollingUpdate {
    static let services = 25
    /// How many endpoints each Service has; one more while a pod comes.
    static let endpoints = 10
    static let port = 80
    /// Where its pods listen; the lab's own servers have the other port.
    private static let podPort = 9002

    /// How many addresses each Service has for its pods.
    private static let addresses = 48
    /// The changes of one turn, and how long it takes.
    private static let changesPerTurn = 25
    private static let turn = Duration.milliseconds(50)
    private static let turnsBetweenLooks = 5

    /// When each change was in its place, on the calendar's clock.
    private(set) var changes: [Duration] = []
    /// How many pods stopped listening.
    private(set) var closed = 0

    private let lab: AgentLab
    private let family: AddressFamily
    private var hosts: [(server: LabProcess, control: LabPipe)] = []
    /// The pods of each Service, oldest first, as numbers that only grow.
    private var published: [Range<Int>]
    /// Pods that are to stop listening when the kernel has forgotten them, and when they left.
    private var leaving: [Departure] = []
    private var words = 0

    /// A pod that is no longer published.
    private struct Departure {
        let service: Int
        let pod: Int
        /// The first pod that was published later: once the kernel leads there, no older state can come any more.
        let next: Int
    }

    /// Makes the Services and their first pods, on all pods of the lab but the last; the agent is not running yet.
    init(_ lab: AgentLab, _ family: AddressFamily) throws {
        self.lab = lab
        self.family = family
        published = [Range<Int>](repeating: 0..<Self.endpoints, count: Self.services)
        for pod in lab.cluster.pods.dropLast() { try addHost(pod) }
        try lab.put((0..<Self.services).map(service).joined(separator: "---\n"), in: "services.yaml")
        for service in 0..<Self.services {
            for pod in published[service] { try tell(service, "open \(address(service, pod))\n") }
            try publish(service)
        }
        try awaitHosts()
    }

    /// The cluster IP of a Service.
    func clusterIP(_ service: Int) -> String { ServiceManifest.clusterIP(service + 1, family) }

    /// Makes changes at a steady rate, or as fast as the machine can if that is slower.
    func run(for duration: Duration) throws {
        let start = ContinuousClock.now
        var turns = 0
        var step = 0
        while ContinuousClock.now - start < duration {
            let planned = (step..<step + Self.changesPerTurn).map { ($0 % Self.services, $0 / Self.services % 2 == 0) }
            step += Self.changesPerTurn
            for (service, comes) in planned where comes {
                try tell(service, "open \(address(service, published[service].upperBound))\n")
            }
            try awaitHosts()
            for (index, (service, comes)) in planned.enumerated() {
                let due = start + Self.turn * turns + Self.turn / Self.changesPerTurn * index
                Self.pause(until: due)
                change(service, comes)
                try publish(service)
                changes.append(Self.timeOfDay())
            }
            turns += 1
            if turns.isMultiple(of: Self.turnsBetweenLooks) { try closeForgotten() }
        }
    }

    /// Whether the kernel leads to the pods that are published, and nowhere else.
    func hasSettled() throws -> Bool {
        let wanted = (0..<Self.services).flatMap { service in published[service].map { address(service, $0) } }
        return try held() == Set(wanted)
    }

    // MARK: - Pods

    private func addHost(_ pod: ServiceLab.Pod) throws {
        let number = hosts.count
        let range = family == .ipv4 ? "10.244.\(10 + number).0/24" : "fd00:10:244:\(10 + number)::/64"
        let flag = family == .ipv4 ? "-4" : "-6"
        let via = "\(pod.address(family))"
        try lab.lab.runSuccessfully(["ip", flag, "route", "add", range, "via", via], in: lab.node)
        try lab.lab.runSuccessfully(["ip", flag, "route", "add", "local", range, "dev", "lo"], in: pod.namespace)
        // An address of a range that is local as a whole can be bound without being one of the interface's.
        try lab.lab.set(["net/ipv6/ip_nonlocal_bind": "1"], in: pod.namespace)
        let control = try lab.lab.makePipe()
        let server = try lab.lab.start(
            [
                LabPrograms.path(of: "fairlead-echo"), "serve", "--name", "host-\(number + 1)", "--tcp",
                "\(Self.podPort)", "--control",
            ],
            in: pod.namespace,
            input: control,
            ready: "ready"
        )
        hosts.append((server, control))
    }

    private func address(_ service: Int, _ pod: Int) -> String {
        let host = service % hosts.count
        let number = 1 + service / hosts.count * Self.addresses + pod % Self.addresses
        return family == .ipv4 ? "10.244.\(10 + host).\(number)" : "fd00:10:244:\(10 + host)::\(Self.hex(number))"
    }

    private func tell(_ service: Int, _ text: String) throws { try hosts[service % hosts.count].control.write(text) }

    /// Waits until every host has done what it was told.
    private func awaitHosts() throws {
        words += 1
        for host in hosts { try host.control.write("say done-\(words)\n") }
        for host in hosts { try host.server.waitForLine(containing: "done-\(words)", after: words - 1) }
    }

    // MARK: - Changes

    private func change(_ service: Int, _ comes: Bool) {
        let pods = published[service]
        if comes {
            precondition(
                leaving.count { $0.service == service } + pods.count < Self.addresses,
                "the agent lags far behind"
            )
            published[service] = pods.lowerBound..<pods.upperBound + 1
        } else {
            leaving.append(Departure(service: service, pod: pods.lowerBound, next: pods.upperBound))
            published[service] = pods.lowerBound + 1..<pods.upperBound
        }
    }

    /// Lets pods stop listening that the kernel has forgotten for good: it leads to one that was published later.
    private func closeForgotten() throws {
        let held = try held()
        var rest: [Departure] = []
        for pod in leaving {
            let service = pod.service
            let address = address(service, pod.pod)
            let later = pod.next..<max(pod.next, published[service].upperBound)
            if !held.contains(address), later.contains(where: { held.contains(self.address(service, $0)) }) {
                try tell(service, "close \(address)\n")
                closed += 1
            } else {
                rest.append(pod)
            }
        }
        leaving = rest
    }

    /// The addresses that the kernel leads flows to.
    private func held() throws -> Set<String> {
        let table = family == .ipv4 ? "ip" : "ip6"
        let text = try lab.lab.runSuccessfully(["nft", "list", "map", table, "fairlead", "endpoints"], in: lab.node)
        // 10.96.0.1 . tcp . 80 . 1 comment "default/s1:" : 10.244.10.1 . 9000
        var addresses: Set<String> = []
        for line in text.split(separator: "\n") {
            guard let start = line.firstRange(of: "\" : ") else { continue }
            addresses.insert(String(line[start.upperBound...].prefix { $0 != " " }))
        }
        return addresses
    }

    // MARK: - Manifests

    private func service(_ number: Int) -> String {
        """
        {apiVersion: v1, kind: Service, metadata: {namespace: default, name: s\(number)}, spec: {clusterIPs: \
        ["\(clusterIP(number))"], ports: [{port: \(Self.port), protocol: TCP, targetPort: \(Self.podPort)}]}}

        """
    }

    private func publish(_ service: Int) throws {
        let endpoints = published[service].map { "{addresses: [\"\(address(service, $0))\"]}" }
        try lab.put(
            """
            {apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {namespace: default, name: s\(service)-1, \
            labels: {kubernetes.io/service-name: s\(service)}}, addressType: \(family), \
            ports: [{port: \(Self.podPort), protocol: TCP}], endpoints: [\(endpoints.joined(separator: ", "))]}

            """,
            in: "slice-\(service).yaml"
        )
    }

    // MARK: - Time

    private static func pause(until due: ContinuousClock.Instant) {
        let rest = due - ContinuousClock.now
        if rest > .zero { usleep(UInt32(rest / .microseconds(1))) }
    }

    /// The time of day, in whole microseconds.
    private static func timeOfDay() -> Duration {
        var time = timespec()
        // The call fills the structure.
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return .seconds(time.tv_sec % 86_400) + .nanoseconds(time.tv_nsec)
    }

    private static func hex(_ number: Int) -> String { String(number, radix: 16) }
}
