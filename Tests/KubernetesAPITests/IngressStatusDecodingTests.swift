import KubernetesAPI
import NetworkAddress
import Testing

struct `What a controller wrote into an Ingress` {
    private func read(_ status: ObjectValue) throws -> Ingress {
        let result = decode([
            "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": ["name": "web", "uid": "1f4c"],
            "spec": ["defaultBackend": ["service": ["name": "web", "port": ["number": 80]]]], "status": status,
        ])
        #expect(result.problems == [])
        guard case .ingress(let object) = try #require(result.objects.first) else {
            throw DecodingExpectation(message: "another kind")
        }
        return object
    }

    @Test func `is read with the identity of the object`() throws {
        let object = try read([
            "loadBalancer": [
                "ingress": [["ip": "192.0.2.1", "ports": [["port": 80]]], ["hostname": "lb.example", "ip": ""]]
            ]
        ])
        #expect(object.uid == "1f4c")
        #expect(
            object.published == [
                Ingress.PublishedAddress(ip: "192.0.2.1"), Ingress.PublishedAddress(hostname: "lb.example"),
            ]
        )
    }

    @Test(
        arguments: [
            ["loadBalancer": [:]], ["loadBalancer": ["ingress": nil]], ["loadBalancer": "broken"], [:],
        ] as [ObjectValue]
    )
    func `is nothing, and never a reason to leave the Ingress out`(_ status: ObjectValue) throws {
        #expect(try read(status).published == [])
    }

    @Test func `comes from a Service whose load balancer has a name`() throws {
        let result = decode([
            "apiVersion": "v1", "kind": "Service", "metadata": ["name": "front"],
            "spec": ["type": "LoadBalancer", "clusterIP": "10.96.0.7", "ports": [["port": 80]]],
            "status": ["loadBalancer": ["ingress": [["hostname": "lb.example"]]]],
        ])
        guard case .service(let object) = try #require(result.objects.first) else {
            throw DecodingExpectation(message: "another kind")
        }
        #expect(object.loadBalancerIngress.map(\.hostname) == ["lb.example"])
        #expect(object.loadBalancerIngress.map(\.address) == [nil])
    }
}
