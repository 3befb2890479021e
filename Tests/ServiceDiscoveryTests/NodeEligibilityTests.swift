import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import ServiceModel
import Testing

@Suite struct NodeEligibilityTests {
    @Test func `a node is eligible unless it is unknown or about to go`() {
        var observer = Observer()
        #expect(observer.directory.nodeEligibility == .unknown)
        observer.apply(.node(node("node-b")))
        #expect(observer.directory.nodeEligibility == .unknown)
        observer.apply(.node(node { $0.taintKeys = ["node.kubernetes.io/unschedulable"] }))
        #expect(observer.directory.nodeEligibility == .eligible)
        observer.apply(.node(node { $0.taintKeys = ["x", "ToBeDeletedByClusterAutoscaler"] }))
        #expect(observer.directory.nodeEligibility == .toBeRemoved)
        observer.apply(.node(node { $0.metadata.isBeingDeleted = true }))
        #expect(observer.directory.nodeEligibility == .beingDeleted)
        observer.apply(.node(node()))
        #expect(observer.directory.nodeEligibility == .eligible)
        observer.remove(.node(node()))
        #expect(observer.directory.nodeEligibility == .unknown)
    }
}
