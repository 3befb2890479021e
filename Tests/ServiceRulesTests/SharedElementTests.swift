import NetworkAddress
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules
import Testing

/// Elements that several front ends need stand once, and stay until the last one goes.
@Suite struct SharedElementTests {
    private let here = endpoint("10.244.1.2:8080", .local)

    @Test func `a cluster IP stays until its last port goes`() throws {
        let both = [clusterIP("10.96.0.1", 80, does: .refuse), clusterIP("10.96.0.1", 443, does: .refuse)]
        var node = try ProgrammedNode([service("web", both[0], both[1])])
        #expect(node.count("cluster-ips") == 1)
        try node.change(service("web", both[1]))
        #expect(node.count("cluster-ips") == 1)
        try node.change(service("web"))
        #expect(node.count("cluster-ips") == 0)
    }

    @Test func `a hairpin pair stays until the last Service with the endpoint goes`() throws {
        var node = try ProgrammedNode()
        try node.change(service("web", clusterIP("10.96.0.1", does: .forward([here]))))
        try node.change(service("api", clusterIP("10.96.0.2", does: .forward([here]))))
        #expect(node.count("hairpin") == 1)
        try node.change(service("web"))
        #expect(node.count("hairpin") == 1)
        try node.change(service("api", clusterIP("10.96.0.2", does: .refuse)))
        #expect(node.count("hairpin") == 0)
    }

    @Test func `two ports of one address in one front end need one pair`() throws {
        let two = [here, endpoint("10.244.1.2:8443", .local)]
        var node = try ProgrammedNode([service("web", clusterIP("10.96.0.1", does: .forward(two)))])
        #expect(node.count("hairpin") == 1)
        try node.change(service("web", clusterIP("10.96.0.1", does: .forward([two[1]]))))
        #expect(node.count("hairpin") == 1)
        try node.change(service("web", clusterIP("10.96.0.1", does: .forward([endpoint("10.244.1.2:8443")]))))
        #expect(node.count("hairpin") == 0)
    }

    @Test func `one Service hands a pair over to another in one batch without touching it`() throws {
        var node = try ProgrammedNode([service("web", clusterIP("10.96.0.1", does: .forward([here])))])
        let transaction = try node.change(
            service("api", clusterIP("10.96.0.2", does: .forward([here]))),
            service("web")
        )
        #expect(!transaction.summary.contains { $0.hasPrefix("hairpin") })
        #expect(node.count("hairpin") == 1)
        try node.change(service("api"))
        #expect(node.count("hairpin") == 0)
    }

    @Test func `what a plan counted does not count until it is adopted`() throws {
        var node = try ProgrammedNode([service("web", clusterIP("10.96.0.1", does: .forward([here])))])
        // The kernel never takes this one.
        _ = node.plane.plan([service("api", clusterIP("10.96.0.2", does: .forward([here])))])
        try node.change(service("web"))
        #expect(node.count("hairpin") == 0)
        #expect(node.count("cluster-ips") == 0)
    }

    @Test func `a rebuild counts anew`() throws {
        let web = service("web", clusterIP("10.96.0.1", does: .forward([here])))
        let api = service("api", clusterIP("10.96.0.2", does: .forward([here])))
        var node = try ProgrammedNode([web, api])
        try node.rebuild()
        try node.rebuild([web])
        try node.change(service("web"))
        #expect(node.count("hairpin") == 1)
        try node.change(service("api"))
        #expect(node.count("hairpin") == 0)
    }
}

extension ProgrammedNode {
    fileprivate func count(_ set: String) -> Int { snapshot.elements.count { $0.set == set } }
}
