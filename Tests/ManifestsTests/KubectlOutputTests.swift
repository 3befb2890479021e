import KubernetesAPI
import NetworkAddress
import Testing

@testable import Manifests

struct `What kubectl prints is read` {
    private static let yaml = """
        apiVersion: v1
        items:
        - apiVersion: v1
          kind: Service
          metadata:
            annotations:
              kubectl.kubernetes.io/last-applied-configuration: |
                {"apiVersion":"v1","kind":"Service","metadata":{"annotations":{},"name":"web","namespace":"shop"}}
            creationTimestamp: "2026-03-01T10:00:00Z"
            labels:
              app: web
            managedFields:
            - apiVersion: v1
              fieldsType: FieldsV1
              fieldsV1:
                f:spec:
                  f:ports:
                    .: {}
                    k:{"port":80,"protocol":"TCP"}:
                      .: {}
                      f:port: {}
              manager: kubectl-client-side-apply
              operation: Update
              time: "2026-03-01T10:00:00Z"
            name: web
            namespace: shop
            resourceVersion: "1234"
            uid: 6f1c1c0e-0000-4000-8000-000000000001
          spec:
            clusterIP: 10.96.12.34
            clusterIPs:
            - 10.96.12.34
            internalTrafficPolicy: Cluster
            ipFamilies:
            - IPv4
            ipFamilyPolicy: SingleStack
            ports:
            - name: http
              nodePort: 30080
              port: 80
              protocol: TCP
              targetPort: http
            selector:
              app: web
            sessionAffinity: None
            type: NodePort
          status:
            loadBalancer: {}
        - addressType: IPv4
          apiVersion: discovery.k8s.io/v1
          endpoints:
          - addresses:
            - 10.244.1.5
            conditions:
              ready: true
              serving: true
              terminating: false
            nodeName: node-1
            targetRef:
              kind: Pod
              name: web-0
              namespace: shop
            zone: a
          - addresses:
            - 10.244.2.7
            conditions: {}
          kind: EndpointSlice
          metadata:
            creationTimestamp: "2026-03-01T10:00:00Z"
            generateName: web-
            labels:
              endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io
              kubernetes.io/service-name: web
            name: web-x7k2p
            namespace: shop
            ownerReferences:
            - apiVersion: v1
              blockOwnerDeletion: true
              kind: Service
              name: web
          ports:
          - appProtocol: null
            name: http
            port: 8080
            protocol: TCP
        - addressType: IPv6
          apiVersion: discovery.k8s.io/v1
          endpoints: null
          kind: EndpointSlice
          metadata:
            creationTimestamp: null
            labels:
              kubernetes.io/service-name: web
            name: web-empty
            namespace: shop
          ports: null
        kind: List
        metadata:
          resourceVersion: ""

        """

    private static let json = #"""
        {
            "apiVersion": "v1",
            "items": [
                {
                    "apiVersion": "v1",
                    "kind": "Pod",
                    "metadata": {
                        "creationTimestamp": "2026-03-01T10:00:00Z",
                        "labels": {"app": "web", "pod-template-hash": "5d4f"},
                        "name": "web-0",
                        "namespace": "shop"
                    },
                    "spec": {
                        "containers": [
                            {
                                "image": "web:1",
                                "name": "web",
                                "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}],
                                "resources": {}
                            }
                        ],
                        "nodeName": "node-1",
                        "tolerations": null
                    },
                    "status": {
                        "conditions": [
                            {"lastProbeTime": null, "status": "True", "type": "PodReadyToStartContainers"},
                            {"lastProbeTime": null, "status": "True", "type": "Ready"}
                        ],
                        "phase": "Running",
                        "podIP": "10.244.1.5",
                        "podIPs": [{"ip": "10.244.1.5"}]
                    }
                },
                {
                    "apiVersion": "v1",
                    "kind": "Node",
                    "metadata": {"name": "node-1", "labels": {"kubernetes.io/os": "linux"}},
                    "spec": {"podCIDR": "10.244.1.0/24", "podCIDRs": ["10.244.1.0/24"]},
                    "status": {
                        "addresses": [
                            {"address": "192.168.0.11", "type": "InternalIP"},
                            {"address": "node-1", "type": "Hostname"}
                        ],
                        "capacity": {"cpu": "4", "memory": "8052136Ki"}
                    }
                }
            ],
            "kind": "List",
            "metadata": {"resourceVersion": ""}
        }
        """#

    @Test func `in YAML, several objects in a list`() throws {
        let result = contents(of: Self.yaml)
        #expect(result.problems == [])
        #expect(result.decoded.notices == [])
        let http = try #require(Port(8080))
        let service = Service(
            metadata: ObjectMetadata(
                namespace: "shop",
                name: "web",
                labels: ["app": "web"],
                creationTimestamp: "2026-03-01T10:00:00Z",
                origin: "web.yaml document 1 item 1 (line 3)",
                uid: ObjectUID("6f1c1c0e-0000-4000-8000-000000000001")
            ),
            type: .nodePort,
            clusterIPs: [IPAddress(10, 96, 12, 34)],
            selector: ["app": "web"],
            ports: [
                .init(name: "http", port: try #require(Port(80)), targetPort: .name("http"), nodePort: Port(30080))
            ]
        )
        let slice = EndpointSlice(
            metadata: ObjectMetadata(
                namespace: "shop",
                name: "web-x7k2p",
                labels: ["kubernetes.io/service-name": "web"],
                creationTimestamp: "2026-03-01T10:00:00Z",
                origin: "web.yaml document 1 item 2 (line 49)"
            ),
            ports: [.init(name: "http", port: http)],
            endpoints: [
                .init(address: IPAddress(10, 244, 1, 5), nodeName: "node-1"),
                .init(address: IPAddress(10, 244, 2, 7)),
            ]
        )
        let empty = EndpointSlice(
            metadata: ObjectMetadata(
                namespace: "shop",
                name: "web-empty",
                labels: ["kubernetes.io/service-name": "web"],
                origin: "web.yaml document 1 item 3 (line 86)"
            ),
            addressType: .ipv6,
            ports: [],
            endpoints: []
        )
        #expect(result.decoded.objects == [.service(service), .endpointSlice(slice), .endpointSlice(empty)])
    }

    @Test func `in JSON, several objects in a list`() throws {
        let result = contents(of: Self.json, .json)
        #expect(result.problems == [])
        #expect(result.names == ["Pod shop/web-0", "Node node-1"])
        guard case .pod(let pod) = result.decoded.objects[0], case .node(let node) = result.decoded.objects[1] else {
            Issue.record("other kinds")
            return
        }
        #expect(pod.isReady)
        #expect(pod.podIPs == [IPAddress(10, 244, 1, 5)])
        #expect(pod.containerPorts == [.init(name: "http", port: try #require(Port(8080)))])
        #expect(node.internalIPs == [IPAddress(192, 168, 0, 11)])
        #expect(node.podCIDRs.map(\.description) == ["10.244.1.0/24"])
        // JSON is YAML too, so a file of the wrong name leads to the same objects.
        #expect(contents(of: Self.json).decoded.objects.map(\.reference) == result.decoded.objects.map(\.reference))
    }

    @Test func `as a typed list, whose kind stands before or after its items`() {
        let items = """
            items:
            - metadata: {name: a}
              spec: {ports: [{port: 80}]}
            - metadata: {name: b}
              spec: {ports: [{port: 81}]}

            """
        let type = "apiVersion: v1\nkind: ServiceList\n"
        for text in [type + items, items + type] {
            let result = contents(of: text)
            #expect(result.names == ["Service default/a", "Service default/b"])
            #expect(result.problems == [])
        }
    }
}
