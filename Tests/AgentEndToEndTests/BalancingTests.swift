import LabKit
import NetworkAddress
import Testing

/// How new connections spread over endpoints.
@Suite(.needsLab)
struct Balancing {
    /// The first of a hundred ports on one pod, each of which is an endpoint.
    private static let firstPort = 9100

    /// A way to a Service, with how many endpoints it has, one number after the other.
    ///
    /// Classes of chains meet their smallest, middle and largest numbers, and shrink as well as grow.
    enum Route: Sendable, CaseIterable {
        case clusterIP, nodePort

        fileprivate var counts: [Int] { self == .clusterIP ? [1, 2, 3, 5, 7, 100, 5, 3] : [2, 3, 5] }

        fileprivate func target(_ web: ServiceManifest, _ family: AddressFamily) -> (address: String, port: Int) {
            switch self {
            case .clusterIP: (web.clusterIP(family), ServiceManifest.port)
            case .nodePort: (ServiceLab.nodeAddress(family), 30_080)
            }
        }
    }

    /// So many that a slot that is missing or drawn twice as often stands out by six standard deviations or more.
    private static func tries(_ endpoints: Int) -> Int { 2000 + 350 * endpoints }

    @Test(arguments: Route.allCases, AddressFamily.allCases)
    func `of connections is uniform over any number of endpoints, growing and shrinking`(
        route: Route,
        family: AddressFamily
    ) throws {
        let lab = try AgentLab(pods: 1)
        let ports = (0..<100).map { Self.firstPort + $0 }
        _ = try lab.lab.start(
            [LabPrograms.path(of: "fairlead-echo"), "serve", "--name", "many"]
                + ports.flatMap { ["--tcp", "\($0)"] },
            in: lab.pod(1).namespace,
            ready: "ready"
        )
        var web = ServiceManifest(nodePort: 30_080, to: [lab.pod(1)])
        let target = route.target(web, family)
        try lab.put(web.yaml)
        try lab.startAgent()
        for count in route.counts {
            web.targetPorts = Array(ports.prefix(count))
            try lab.awaitProgrammed { try lab.put(web.yaml) }
            let tries = Self.tries(count)
            let summary = try lab.probe(
                .tcp,
                target.address,
                port: target.port,
                from: lab.client,
                count: tries,
                options: ["--reset"]
            )
            #expect(summary.ok == tries, "\(count) endpoints: \(summary)")
            let answers = web.targetPorts.map { port in
                summary.servers[socketAddress("\(lab.pod(1).address(family))", port)] ?? 0
            }
            #expect(answers.reduce(0, +) == tries, "\(count) endpoints: others than these answered: \(summary)")
            #expect(deviation(of: answers) < deviationMax(degreesOfFreedom: count - 1), "\(count): \(answers)")
        }
    }

    @Test func `is judged by a statistic that finds a missing and a doubled slot among a hundred`() {
        var generator = SystemRandomNumberGenerator()
        func answers(weights: [Int]) -> [Int] {
            let slots = weights.indices.flatMap { [Int](repeating: $0, count: weights[$0]) }
            var answers = [Int](repeating: 0, count: weights.count)
            for _ in 0..<Self.tries(100) { answers[slots[Int.random(in: slots.indices, using: &generator)]] += 1 }
            return answers
        }
        let limit = deviationMax(degreesOfFreedom: 99)
        #expect(deviation(of: answers(weights: [Int](repeating: 1, count: 100))) < limit)
        #expect(deviation(of: answers(weights: [0] + [Int](repeating: 1, count: 99))) > limit)
        #expect(deviation(of: answers(weights: [2] + [Int](repeating: 1, count: 99))) > limit)
    }
}

/// Pearson's statistic of counts that should all be equal.
private func deviation(of counts: [Int]) -> Double {
    let expected = Double(counts.reduce(0, +)) / Double(counts.count)
    return counts.reduce(0) { sum, count in
        let difference = Double(count) - expected
        return sum + difference * difference / expected
    }
}

/// A bound that the statistic of a uniform choice passes with a probability of one in ten million at most.
///
/// Wilson and Hilferty: the cube root of a chi-square variable over its degrees of freedom is nearly normal. A deviate
/// of 5.6 stands for 1e-8; the margin covers the approximation where there are few degrees of freedom.
private func deviationMax(degreesOfFreedom: Int) -> Double {
    guard degreesOfFreedom > 0 else { return 1e-9 }
    let k = Double(degreesOfFreedom)
    let root = 1 - 2 / (9 * k) + 5.6 * (2 / (9 * k)).squareRoot()
    return k * root * root * root
}
