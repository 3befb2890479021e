import NetworkAddress
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules
import Testing

/// How likely each endpoint is, over all random numbers.
///
/// With N endpoints in a class of M slots a draw misses with probability (M - N) / M, and all eight draws do with
/// m = ((M - N) / M)^8. The ninth draw is among the lower M/2 slots. So an endpoint in an upper slot has the probability
/// (1 - m) / N and one in a lower slot (1 - m) / N + 2m / M. Since M/2 <= N <= M, no endpoint differs from 1/N by more
/// than m/N, and m is 2^-8 at most. It is 0, and all are exactly as likely, where N is a power of two.
@Suite struct DistributionTests {
    /// A number of endpoints, and those that were there before, which keep a larger class.
    struct Case: Sendable, CustomTestStringConvertible {
        let count: Int
        var through = 0
        let size: Int

        var testDescription: String { "\(count) endpoints in a class of \(size)" }
    }

    private static let cases: [Case] = [
        Case(count: 1, size: 1), Case(count: 2, size: 2), Case(count: 3, size: 4), Case(count: 5, size: 8),
        Case(count: 7, size: 8), Case(count: 8, size: 8), Case(count: 100, size: 128), Case(count: 65, size: 128),
        Case(count: 64, through: 128, size: 128), Case(count: 1, through: 2, size: 2),
        Case(count: 4, through: 8, size: 8),
        Case(count: 3, through: 8, size: 4),
    ]

    @Test(arguments: cases, [AddressFamily.ipv4, .ipv6])
    func `all endpoints are as likely, but for a bias that is known`(_ balanced: Case, family: AddressFamily) throws {
        let traffic = Traffic(family: family, transport: .tcp)
        func endpoints(_ count: Int) -> [Endpoint] {
            (1...count).map { number in
                let bits = traffic.here.destination.address.bits + UInt128(number)
                return Endpoint(TransportAddress(IPAddress(family: family, bits: bits), port(8080)), locality: .remote)
            }
        }
        var node = try FlowNode([])
        for count in balanced.through == 0 ? [balanced.count] : [balanced.through, balanced.count] {
            try node.programmed.change(
                service(
                    "web",
                    traffic.frontEnd(at: traffic.clusterIP, does: .forward(endpoints(count))),
                    traffic.nodePort(does: .forward(endpoints(count)))
                )
            )
        }
        let (count, size) = (Double(balanced.count), Double(balanced.size))
        let allMiss = power((size - count) / size, 8)
        #expect(allMiss <= 1 / 256)
        for (address, number, masqueraded) in [
            (traffic.clusterIP, 80, false), (traffic.nodeAddress, 30080, true),
        ] {
            let outcomes = node.tracer.outcomes(of: traffic.packet(from: .podHere, to: address, number))
            #expect(Set(outcomes.keys) == traffic.delivered(endpoints(balanced.count), masqueraded: masqueraded))
            let likely = endpoints(balanced.count).map { endpoint in
                outcomes[.delivered(to: endpoint.destination, masqueraded: masqueraded)] ?? 0
            }
            for probability in likely { #expect(abs(probability - 1 / count) <= allMiss / count + 1e-12) }
            // The bias is exactly that of the ninth draw.
            let upper = (1 - allMiss) / count
            let lower = upper + (balanced.size == 1 ? 0 : 2 * allMiss / size)
            let filledAboveHalf = balanced.count - max(1, balanced.size / 2)
            #expect(likely.count { abs($0 - lower) < 1e-12 } >= balanced.count - filledAboveHalf)
            #expect(likely.allSatisfy { abs($0 - lower) < 1e-12 || abs($0 - upper) < 1e-12 })
            #expect(abs(likely.reduce(0, +) - 1) < 1e-9)
        }
    }

    @Test(arguments: [1, 2, 3])
    func `a flow that was led to a larger class a moment ago finds the endpoints that are left`(left: Int) throws {
        let traffic = Traffic(family: .ipv4, transport: .tcp)
        let five = endpoints(5)
        let node = try FlowNode([service("web", traffic.frontEnd(at: traffic.clusterIP, does: .forward(five)))])
        let tuple = PackedFields(traffic.clusterIP, .tcp, port(80))
        let gone = (left..<5).map { Element(tuple.appending(number: UInt32($0))) }
        try node.programmed.ruleset.foreignChange([
            .deleteElements(Table(.ip, "fairlead"), set: "endpoints", gone)
        ])
        let outcomes = node.tracer.outcomes(of: traffic.packet(from: .podHere, to: traffic.clusterIP))
        #expect(Set(outcomes.keys) == traffic.delivered(Array(five.prefix(left)), masqueraded: false))
    }

    @Test func `the largest front end uses its class to the last slot`() throws {
        let traffic = Traffic(family: .ipv4, transport: .tcp)
        let all = endpoints(DataPlane.endpointsMax)
        let node = try FlowNode([service("web", traffic.frontEnd(at: traffic.clusterIP, does: .forward(all)))])
        let outcomes = node.tracer.outcomes(of: traffic.packet(from: .podHere, to: traffic.clusterIP))
        #expect(Set(outcomes.keys) == traffic.delivered(all, masqueraded: false))
        #expect(outcomes.values.allSatisfy { abs($0 - 1 / 4096) < 1e-12 })
    }

    private func power(_ base: Double, _ exponent: Int) -> Double {
        (0..<exponent).reduce(1) { power, _ in power * base }
    }
}
