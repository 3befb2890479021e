import KubernetesAPI
import Testing

struct `A document` {
    @Test func `that is empty is nothing`() {
        let result = decode(nil)
        #expect(result.objects == [])
        #expect(result.problems == [])
        #expect(result.notices == [])
    }

    @Test(
        arguments: [
            ("apps/v1", "Deployment"), ("v1", "ServiceAccount"), ("networking.k8s.io/v1", "NetworkPolicy"),
            ("batch/v1", "Job"), ("rbac.authorization.k8s.io/v1", "ClusterRole"),
        ] as [(String, String)]
    )
    func `of another kind that Kubernetes has leads to a notice`(_ apiVersion: String, _ kind: String) {
        let result = decode(["apiVersion": .string(apiVersion), "kind": .string(kind), "metadata": ["name": "web"]])
        #expect(result.problems == [])
        #expect(
            result.notices.map(\.description) == [
                "web.yaml document 1 (line 1): \(kind) web: this program reads no \(kind); the document is passed over"
            ]
        )
    }

    @Test func `of a kind that this program does not ask for leads to a notice`() {
        let result = decode(service(["ports": [["port": 70000]]]), kinds: [.pod])
        #expect(result.objects == [])
        #expect(result.problems == [])
        #expect(result.notices.count == 1)
    }

    @Test(
        arguments: [
            (["a", "b"], "a list stands where an object with apiVersion and kind is expected"),
            ("text", #"the text "text" stands where an object with apiVersion and kind is expected"#),
            ([:], "kind: the kind is missing, such as Service"),
            (["apiVersion": "v1"], "kind: the kind is missing, such as Service"),
            (["apiVersion": "v1", "kind": 7], #"kind: the integer 7 stands where text is expected; quote it: "7""#),
            (["kind": "Service"], "Service: apiVersion: the apiVersion is missing, such as v1"),
            (
                ["apiVersion": "v1", "kind": "Servcie", "metadata": ["name": "web"]],
                #"Servcie web: kind: "Servcie" of "v1" is an unknown kind"#
            ),
            (
                ["apiVersion": "v1", "kind": "service", "metadata": ["name": "web"]],
                #"service web: kind: "service" of "v1" is an unknown kind; write Service"#
            ),
            (
                ["apiVersion": "v2", "kind": "Service", "metadata": ["name": "web"]],
                #"Service web: apiVersion: "v2" has no Service that can be read; write v1"#
            ),
            (
                ["apiVersion": "v1", "kind": "EndpointSlice"],
                #"EndpointSlice: apiVersion: "v1" has no EndpointSlice that can be read; write discovery.k8s.io/v1"#
            ),
            (
                ["apiVersion": "example.com/v1", "kind": "Widget"],
                #"Widget: kind: "Widget" of "example.com/v1" is an unknown kind"#
            ),
            (
                ["apiVersion": "v1", "kind": "WidgetList"],
                #"WidgetList: kind: "WidgetList" of "v1" is an unknown kind"#
            ),
            (
                ["apiVersion": "v1", "kind": "List", "items": "x"],
                #"List: items: the text "x" stands where a list is expected"#
            ),
        ] as [(ObjectValue, String)]
    )
    func `that is not understood is a problem`(_ document: ObjectValue, _ message: String) {
        let result = decode(document)
        #expect(result.objects == [])
        #expect(result.notices == [])
        #expect(
            result.problems.map(\.description)
                == ["web.yaml document 1 (line 1): \(message); the document is left out"]
        )
    }
}

struct `A list` {
    private static let good: ObjectValue = ["metadata": ["name": "web"], "spec": ["ports": [["port": 80]]]]
    private static let bad: ObjectValue = ["metadata": ["name": "bad"], "spec": ["ports": [["port": 0]]]]

    @Test func `of one kind gives its items that kind`() {
        let result = decode(["apiVersion": "v1", "kind": "ServiceList", "items": [Self.good, Self.bad]])
        #expect(result.objects.map(\.reference.description) == ["Service default/web"])
        #expect(result.objects.map(\.metadata.origin) == ["web.yaml document 1 (line 1) item 1"])
        #expect(
            result.problems.map(\.description) == [
                "web.yaml document 1 (line 1) item 2: Service default/bad: spec.ports[0].port: 0 is not between 1 and "
                    + "65535; the Service is left out"
            ]
        )
    }

    @Test func `of several kinds has items that name theirs`() {
        let result = decode([
            "apiVersion": "v1", "kind": "List",
            "items": [service(["ports": [["port": 80]]]), slice(endpoints: []), Self.good],
        ])
        #expect(result.objects.map(\.reference.kind) == [.service, .endpointSlice])
        #expect(result.problems.map(\.field) == ["kind"])
    }

    @Test func `of slices is of their API group`() {
        let result = decode([
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSliceList",
            "items": [["metadata": ["name": "web-1"], "addressType": "IPv4"]],
        ])
        #expect(result.objects.map(\.reference.description) == ["EndpointSlice default/web-1"])
    }

    @Test func `may be empty or null`() {
        #expect(decode(["apiVersion": "v1", "kind": "List", "items": []]).problems == [])
        #expect(decode(["apiVersion": "v1", "kind": "PodList", "items": nil]).problems == [])
    }
}
