import KubernetesAPI
import ServiceDiscovery
import ServiceModel
import Testing

@Suite struct LocalityTests {
    @Test(
        arguments: [
            ("node-a", "node-a", Locality.local), ("Node-A", "node-a", .local), ("node-a", "NODE-A", .local),
            ("node-a", "node-b", .remote), ("node-a", "node-ab", .remote), ("node-ab", "node-a", .remote),
            ("node-a", "", .unknown), ("node-a", nil, .unknown),
        ] as [(String, String?, Locality)]
    )
    func `an endpoint is local when it names this node, in any case`(
        ownName: String,
        nodeName: String?,
        locality: Locality
    ) {
        var directory = ServiceDirectory(nodeName: ownName)
        directory.apply(.applied(.service(service())))
        directory.apply(.applied(.endpointSlice(slice(endpoints: [endpoint("10.0.0.1", on: nodeName)]))))
        let snapshots = directory.takeChangedSnapshots()
        #expect(
            snapshots.first?.frontEnds.first?.action
                == .forward([Endpoint(destination("10.0.0.1:8080"), locality: locality)])
        )
    }

    @Test func `the directory keeps this node's object and no other`() {
        var directory = ServiceDirectory(nodeName: "Node-A")
        let own = Node(metadata: metadata("node-a", in: ""), internalIPs: [ip("192.0.2.1")])
        let other = Node(metadata: metadata("node-b", in: ""), internalIPs: [ip("192.0.2.2")])
        #expect(directory.node == nil)
        directory.apply(.applied(.node(own)))
        directory.apply(.applied(.node(other)))
        #expect(directory.node == own)
        directory.apply(.removed(KubernetesObject.node(other).reference))
        #expect(directory.node == own)
        directory.apply(.removed(KubernetesObject.node(own).reference))
        #expect(directory.node == nil)
    }
}
