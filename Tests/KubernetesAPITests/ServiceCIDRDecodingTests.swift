import KubernetesAPI
import NetworkAddress
import Testing

struct `A ServiceCIDR is read` {
    private func document(_ spec: ObjectValue, version: String = "networking.k8s.io/v1") -> ObjectValue {
        [
            "apiVersion": .string(version), "kind": "ServiceCIDR", "metadata": ["name": "kubernetes"], "spec": spec,
            "status": ["conditions": [["type": "Ready", "status": "True"]]],
        ]
    }

    private func read(_ document: ObjectValue) throws -> (ServiceCIDR, [String]) {
        let result = decode(document)
        guard case .serviceCIDR(let object) = try #require(result.objects.first) else {
            throw DecodingExpectation(message: "another kind")
        }
        return (object, result.problems.map { "\($0.field ?? ""): \($0.message)" })
    }

    @Test(arguments: ["networking.k8s.io/v1", "networking.k8s.io/v1beta1"])
    func `with its ranges`(version: String) throws {
        let (object, problems) = try read(document(["cidrs": ["10.96.0.0/12", "fd00:96::/112"]], version: version))
        #expect(problems == [])
        #expect(object.ranges.map(\.description) == ["10.96.0.0/12", "fd00:96::/112"])
        #expect(object.metadata.name == "kubernetes")
        #expect(object.metadata.namespace == "", "it belongs to the whole cluster")
    }

    @Test func `without what is invalid`() throws {
        let (object, problems) = try read(document(["cidrs": ["10.96.0.0", "10.96.0.0/12", 7]]))
        #expect(object.ranges.map(\.description) == ["10.96.0.0/12"])
        #expect(
            problems == [
                #"spec.cidrs[0]: the text "10.96.0.0" is not an address range; this range is left out"#,
                "spec.cidrs[2]: the integer 7 is not an address range; this range is left out",
            ]
        )
    }

    @Test func `in a list`() throws {
        let result = decode([
            "apiVersion": "networking.k8s.io/v1", "kind": "ServiceCIDRList",
            "items": [["metadata": ["name": "a"], "spec": ["cidrs": ["10.96.0.0/12"]]]],
        ])
        #expect(result.problems == [])
        #expect(result.objects.map(\.reference.description) == ["ServiceCIDR a"])
    }

    @Test func `or left out when its ranges are no list, or its version is not known`() {
        #expect(
            decode(document(["cidrs": "10.96.0.0/12"])).problems.map(\.message)
                == [#"the text "10.96.0.0/12" stands where a list is expected; the ServiceCIDR is left out"#]
        )
        #expect(
            decode(document(nil, version: "v1")).problems.map(\.message) == [
                #""v1" has no ServiceCIDR that can be read; write networking.k8s.io/v1; the document is left out"#
            ]
        )
    }
}
