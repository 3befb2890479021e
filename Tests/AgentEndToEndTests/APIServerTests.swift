import APIServerTestKit
import Glibc
import LabKit
import NetworkAddress
import Testing

/// The agent with objects from an API server, in good times.
@Suite(.needsLab)
struct `An agent that follows an API server` {
    @Test(arguments: AddressFamily.allCases)
    func `programs Services and follows every change`(family: AddressFamily) throws {
        let lab = try ServerLab(pods: 2)
        let (web, blog) = (ServiceManifest(to: [lab.base.pod(1)]), ServiceManifest("blog", number: 81, to: []))
        lab.put(web)
        lab.put(blog)
        try lab.startAgent()
        #expect(try lab.base.probe(.tcp, web.clusterIP(family), from: lab.base.client, count: 3).pods == ["web-1": 3])
        #expect(try lab.base.probe(.udp, web.clusterIP(family), from: lab.base.client, count: 3).pods == ["web-1": 3])
        #expect(try lab.base.probe(.tcp, blog.clusterIP(family), from: lab.base.client).refused == 1)
        lab.put(ServiceManifest(to: lab.base.cluster.pods))
        #expect(try lab.answers(web, family, with: ["web-1", "web-2"]))
        lab.put(ServiceManifest("blog", number: 81, to: [lab.base.pod(2)]))
        #expect(try lab.answers(blog, family, with: ["web-2"]))
        lab.remove(blog)
        #expect(try lab.answers(blog, family, with: []))
        #expect(try lab.answers(web, family, with: ["web-1", "web-2"]))
    }

    @Test func `programs what it does from the same manifests`() throws {
        let lab = try ServerLab(pods: 2)
        let services = [ServiceManifest(to: lab.base.cluster.pods), ServiceManifest("blog", number: 81, to: [])]
        for service in services {
            lab.put(service)
            try lab.base.put(service.yaml, in: "\(service.name).yaml")
        }
        let other = try lab.base.lab.makeNamespace("other")
        #expect(try lab.base.runAgent(["--once"], in: other).isSuccess)
        let result = try lab.runAgent(["--once"])
        #expect(result.isSuccess, "\(result.error)")
        let listings = try lab.base.listings()
        #expect(listings["ip"]?.frontEnds.count == 2)
        #expect(try listings == lab.base.listings(in: other))

        let (printed, expected) = (try lab.runAgent(["--dry-run"]), try lab.base.runAgent(["--dry-run"]))
        #expect(printed.output.contains("default/web:tcp"))
        // The order of elements is that in which objects were told.
        #expect(TableListing(parsing: printed.output).blocks == TableListing(parsing: expected.output).blocks)
    }

    @Test func `gets along with servers that list the old way`() throws {
        var behaviour = ServerBehaviour()
        behaviour.watchList = .refused
        behaviour.compresses = true
        behaviour.chunkBytes = 7
        behaviour.unknownFields = ["spec.clusterIP"]
        behaviour.unknownCollections = [Collections.serviceCIDRs]
        let lab = try ServerLab(behaviour: behaviour)
        let web = ServiceManifest(to: [lab.base.pod(1)])
        lab.put(web)
        try lab.startAgent()
        #expect(try lab.answers(web, .ipv4, with: ["web-1"]))
    }

    @Test func `asks for what it needs, under its name`() throws {
        let lab = try ServerLab()
        lab.put(ServiceManifest(to: [lab.base.pod(1)]))
        try lab.startAgent()
        let requests = lab.server.requests
        #expect(
            Set(requests.map(\.path)) == [
                Collections.services, Collections.slices, Collections.nodes, Collections.serviceCIDRs,
            ]
        )
        for request in requests {
            #expect(request.fields["user-agent"]?.hasPrefix("fairlead/") == true)
            switch request.path {
            case Collections.nodes: #expect(request.query["fieldSelector"] == "metadata.name=node-1")
            case Collections.serviceCIDRs: break
            default:
                let selector = "!service.kubernetes.io/headless,!service.kubernetes.io/service-proxy-name"
                #expect(request.query["labelSelector"] == selector)
            }
        }
    }

    @Test func `leaves Services of another proxy alone, also when they change hands`() throws {
        let lab = try ServerLab()
        let web = ServiceManifest(to: [lab.base.pod(1)])
        var foreign = web.storedService()
        foreign.labels = ["service.kubernetes.io/service-proxy-name": "other"]
        lab.put(web)
        try lab.startAgent()
        #expect(try lab.answers(web, .ipv4, with: ["web-1"]))
        lab.server.apply(foreign, to: Collections.services)
        #expect(try lab.answers(web, .ipv4, with: []))
        lab.server.apply(web.storedService(), to: Collections.services)
        #expect(try lab.answers(web, .ipv4, with: ["web-1"]))
    }

    @Test func `tells pods by the Node's ranges, and follows them`() throws {
        let lab = try ServerLab()
        lab.options = ["--detect-local-mode", "NodeCIDR"]
        lab.put(ServiceManifest(to: [lab.base.pod(1)]))
        try lab.startAgent()
        let first = try lab.base.listings()["ip"]?.description ?? ""
        #expect(first.contains("10.244.1.0/24"), "\(first)")
        try lab.awaitLine(containing: "written again for the ranges") {
            lab.server.apply(
                StoredObject(
                    namespace: "",
                    name: AgentLab.nodeName,
                    text: #"{"metadata":{"name":"node-1","resourceVersion":"@version@"},"#
                        + #""spec":{"podCIDRs":["10.244.7.0/24"]}}"#
                ),
                to: Collections.nodes
            )
        }
        #expect(try lab.base.listings()["ip"]?.description.contains("10.244.7.0/24") == true)
    }

    @Test func `measures programming from the trigger time of slices`() throws {
        let lab = try ServerLab()
        let web = ServiceManifest(to: [lab.base.pod(1)])
        lab.put(ServiceManifest(to: []))
        try lab.startAgent()
        // The clock of the annotation is that of this machine.
        let time = try lab.base.lab.runSuccessfully(["date", "-u", "+%Y-%m-%dT%H:%M:%S.%NZ"])
        lab.server.apply(web.storedSlices(trigger: String(time.dropLast())), to: Collections.slices)
        #expect(try lab.answers(web, .ipv4, with: ["web-1"]))
        let page = try lab.base.get("/metrics", at: "127.0.0.1", port: 10_249, from: lab.base.node)
        let counts = page?.body.split(separator: "\n").filter {
            $0.hasPrefix("kubeproxy_network_programming_duration_seconds_count")
        }
        #expect(counts?.count == 2 && counts?.allSatisfy { $0.hasSuffix(" 1") } == true, "\(counts ?? [])")
    }
}
