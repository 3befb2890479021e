import LabKit
import NetworkAddress
import Testing

/// Flows to a cluster IP, from each kind of client.
@Suite(.needsLab)
struct `A cluster IP` {
    @Test(arguments: AddressFamily.allCases)
    func `leads pods, the node and outside clients to the pods of this node and of others`(
        family: AddressFamily
    ) throws {
        let lab = try AgentLab(pods: 3)
        var web = ServiceManifest()
        web.endpoints = [.init(lab.pod(1)), .init(lab.pod(2), on: "node-2")]
        try lab.put(web.yaml)
        try lab.startAgent()
        let masqueraded = AgentLab.masqueradedClient(family)
        for transport in probedProtocols {
            for (source, seen) in [
                (lab.pod(3).namespace, "\(lab.pod(3).address(family))"),
                (lab.node, masqueraded),
                (lab.client, masqueraded),
            ] {
                let summary = try lab.probe(transport, web.clusterIP(family), from: source, count: 40)
                #expect(summary.ok == 40, "\(transport) from \(source.label): \(summary)")
                #expect(Set(summary.pods.keys) == ["web-1", "web-2"], "\(transport) from \(source.label)")
                #expect(summary.clients == [seen: 40], "\(transport) from \(source.label)")
            }
        }
    }

    @Test(arguments: AddressFamily.allCases)
    func `keeps a pod's own address before another pod, also when it could have picked itself`(
        family: AddressFamily
    ) throws {
        let lab = try AgentLab(pods: 2)
        let web = ServiceManifest(to: [lab.pod(1), lab.pod(2)])
        try lab.put(web.yaml)
        try lab.startAgent()
        let pod = lab.pod(1)
        let summary = try lab.probe(.tcp, web.clusterIP(family), from: pod.namespace, count: 60)
        #expect(summary.ok == 60)
        // Its own connections come back to it by way of the node, those to the other pod carry its own address.
        #expect(summary.clients["\(pod.address(family))"] == summary.pods["web-2"])
        #expect(summary.clients[AgentLab.masqueradedClient(family)] == summary.pods["web-1"])
    }

    @Test(arguments: AddressFamily.allCases)
    func `belongs to one Service, beside others on other addresses`(family: AddressFamily) throws {
        let lab = try AgentLab(pods: 2)
        let shop = ServiceManifest("shop", number: 81, to: [lab.pod(1)])
        let blog = ServiceManifest("blog", number: 82, to: [lab.pod(2)])
        try lab.put(shop.yaml, in: "shop.yaml")
        try lab.put(blog.yaml, in: "blog.yaml")
        try lab.startAgent()
        for transport in probedProtocols {
            let fromShop = try lab.probe(transport, shop.clusterIP(family), from: lab.client, count: 10)
            #expect(fromShop.pods == ["web-1": 10])
            let fromBlog = try lab.probe(transport, blog.clusterIP(family), from: lab.client, count: 10)
            #expect(fromBlog.pods == ["web-2": 10])
        }
    }
}
