import NetworkAddress
import Nftables
import ServiceModel
import ServiceRules
import Testing

/// A front end's key moves from one Service to another in one batch, as when a cluster IP is given away at once.
@Suite struct KeyMoveTests {
    private let actions: [FrontEndAction] = [
        .forward(endpoints(3)), .forward(endpoints(6, from: 3)), .refuse, .drop,
    ]

    @Test(arguments: ["a", "z"])
    func `a cluster IP moves, whichever Service comes first`(heir: String) throws {
        for before in actions {
            for after in actions {
                let wanted = service(heir, clusterIP("10.96.0.1", does: after))
                for batch in [[service("m"), wanted], [wanted, service("m")]] {
                    var node = try ProgrammedNode([service("m", clusterIP("10.96.0.1", does: before))])
                    try node.change(batch)
                    #expect(DataPlaneState(node.snapshot) == DataPlaneState(of: [wanted]))
                    #expect(Array(node.plane.services) == [wanted.service])
                }
            }
        }
    }

    @Test func `two Services swap a node port and a cluster IP`() throws {
        let ways = [
            clusterIP("fd00:96::1", does: .forward([endpoint("[fd00::2]:80", .local)])),
            nodePort(30080, .ipv6, does: .forward([endpoint("[fd00::2]:80", .local), endpoint("[fd00::3]:80")])),
        ]
        var node = try ProgrammedNode([service("a", ways[0]), service("b", ways[1])])
        let swapped = [service("a", ways[1]), service("b", ways[0])]
        try node.change(swapped)
        #expect(DataPlaneState(node.snapshot) == DataPlaneState(of: swapped))
    }

    @Test func `a shared cluster IP moves port by port`() throws {
        let ports = [80, 443, 8443].map { clusterIP("10.96.0.1", $0, does: .forward(endpoints(2))) }
        var node = try ProgrammedNode([service("a", ports[0], ports[1], ports[2])])
        for moved in 1...3 {
            let wanted = [
                ServiceSnapshot(
                    service: ObjectName(namespace: "default", name: "a"),
                    frontEnds: Array(ports[moved...])
                ),
                ServiceSnapshot(
                    service: ObjectName(namespace: "default", name: "b"),
                    frontEnds: Array(ports[..<moved])
                ),
            ]
            let transaction = try node.change(wanted)
            #expect(!transaction.summary.contains { $0.hasPrefix("cluster-ips") })
            #expect(DataPlaneState(node.snapshot) == DataPlaneState(of: wanted))
        }
    }
}
