import NetworkAddress
import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules
import Testing

/// A plan counts for nothing until the kernel has taken it and it is adopted.
@Suite struct AdoptionTests {
    private let web = service("web", clusterIP("10.96.0.1", does: .forward(endpoints(3))))
    private let api = service("api", clusterIP("10.96.0.2", does: .forward(endpoints(2))))

    @Test func `the same plan is made again until it is adopted`() throws {
        let node = try ProgrammedNode([web])
        var plane = node.plane
        let first = plane.plan([api])
        let second = plane.plan([api])
        #expect(!first.transaction.isEmpty)
        #expect(first.transaction == second.transaction)
        #expect(plane.serviceCount == 1)
        #expect(plane.snapshot(of: api.service).frontEnds.isEmpty)
        plane.adopt(second)
        #expect(plane.plan([api]).transaction.isEmpty)
        #expect(plane.serviceCount == 2)
        #expect(plane.snapshot(of: api.service) == api)
    }

    @Test func `a rebuild that was not adopted changes no belief`() throws {
        let node = try ProgrammedNode([web])
        _ = node.plane.rebuild(replacing: [:], changing: [service("web"), api])
        #expect(node.plane.plan([web]).transaction.isEmpty)
        #expect(node.plane.serviceCount == 1)
    }

    @Test func `a rebuild says which Services it is for`() throws {
        let node = try ProgrammedNode([web])
        let plan = node.plane.rebuild(replacing: [:], changing: [api])
        #expect(Set(plan.services) == [web.service, api.service])
        let without = node.plane.rebuild(replacing: [:], changing: [api], excluding: [api.service])
        #expect(without.services == [web.service])
        let withoutOld = node.plane.rebuild(replacing: [:], changing: [api], excluding: [web.service])
        #expect(withoutOld.services == [api.service])
    }

    @Test func `what a rebuild left out is believed to be gone`() throws {
        let node = try ProgrammedNode([web, api])
        var plane = node.plane
        var found: [Table: TableContents] = [:]
        for table in plane.tables { found[table] = try node.ruleset.contents(of: table) }
        let plan = plane.rebuild(replacing: found, excluding: [web.service])
        try node.ruleset.apply(plan.transaction)
        plane.adopt(plan)
        #expect(DataPlaneState(node.snapshot) == DataPlaneState(of: [api]))
        #expect(Array(plane.services) == [api.service])
        try node.ruleset.apply(plane.plan([web]).transaction)
        #expect(DataPlaneState(node.snapshot) == DataPlaneState(of: [web, api]))
    }
}
