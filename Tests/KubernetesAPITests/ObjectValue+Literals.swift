package import KubernetesAPI

extension ObjectValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByFloatLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(nilLiteral: ()) { self = .null }
    package init(arrayLiteral elements: ObjectValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, ObjectValue)...) {
        self = .object(elements.map { Member(name: $0.0, value: $0.1) })
    }
}

/// Decodes one document with every kind known.
func decode(_ value: ObjectValue, kinds: Set<ObjectKind> = Set(ObjectKind.allCases)) -> DecodedObjects {
    var result = DecodedObjects()
    ObjectDecoder(kinds: kinds).decode(value, origin: "web.yaml document 1 (line 1)", into: &result)
    return result
}

/// A Service whose `spec` is given.
func service(_ spec: ObjectValue) -> ObjectValue {
    ["apiVersion": "v1", "kind": "Service", "metadata": ["name": "web"], "spec": spec]
}

/// A slice of IPv4 addresses with the endpoints and ports given.
func slice(endpoints: ObjectValue, ports: ObjectValue = [["port": 8080]]) -> ObjectValue {
    [
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": ["name": "web-1", "labels": ["kubernetes.io/service-name": "web"]],
        "endpoints": endpoints, "ports": ports,
    ]
}
