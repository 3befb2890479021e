import Nftables
import NftablesTestKit
import ServiceModel
import ServiceRules
import Testing

/// A rebuild writes everything again, yet no endpoint moves that need not, and no class changes.
@Suite struct RebuildSlotsTests {
    @Test(arguments: 0..<40)
    func `a rebuild with changes leaves the elements that the smallest change leaves`(seed: Int) throws {
        var random = RandomCluster(seed: seed)
        let first = random.cluster()
        let second = random.evolved(from: first)
        let third = random.evolved(from: second)
        var changed = try ProgrammedNode(Array(first.values))
        var rebuilt = try ProgrammedNode(Array(first.values))
        for step in [second, third] {
            try changed.change(Array(step.values))
            try rebuilt.rebuild(Array(step.values))
        }
        #expect(rebuilt.snapshot.elements == changed.snapshot.elements)
        #expect(DataPlaneState(rebuilt.snapshot) == DataPlaneState(of: third.values))
    }

    @Test func `a rebuild keeps slots and class of what shrinks to half`() throws {
        let eight = endpoints(8)
        let half = [eight[6], eight[1], eight[4], eight[2]]
        var node = try ProgrammedNode([service("web", clusterIP("10.96.0.1", does: .forward(eight)))])
        try node.rebuild([service("web", clusterIP("10.96.0.1", does: .forward(half)))])
        let slots = node.plane.snapshot(of: service("web").service).frontEnds.map(\.action)
        // Those that stay keep their slots; the last ones fill the holes of the first.
        #expect(slots == [.forward([eight[6], eight[1], eight[2], eight[4]])])
        let verdicts = node.snapshot.elements.filter { $0.set == "services" }.map(\.element.value)
        #expect(verdicts == [.verdict(.goto("lb-8"))])
    }
}
