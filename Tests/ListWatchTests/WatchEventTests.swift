import KubernetesAPI
import ListWatch
import Testing

struct `A watch event` {
    private func event(_ text: String) throws(JSONError) -> WatchEvent {
        var texts = TextCache()
        return try WatchEvent(Array(text.utf8).span, sharing: &texts)
    }

    @Test func `is one of five`() throws {
        let object = ObjectValue.object([ObjectValue.Member(name: "a", value: .integer(1))])
        #expect(try event(#"{"type":"ADDED","object":{"a":1}}"#) == .applied(object))
        #expect(try event(#"{"object":{"a":1},"type":"MODIFIED"}"#) == .applied(object))
        #expect(try event(#"{"type":"DELETED","object":{"a":1}}"#) == .deleted(object))
        #expect(
            try event(#"{"type":"BOOKMARK","object":{"kind":"Service","metadata":{"resourceVersion":"12"}}}"#)
                == .bookmark(ResourceVersion("12"), endsInitialEvents: false)
        )
        let end = #"{"metadata":{"resourceVersion":"12","annotations":{"k8s.io/initial-events-end":"true"}}}"#
        #expect(
            try event(#"{"type":"BOOKMARK","object":\#(end)}"#)
                == .bookmark(ResourceVersion("12"), endsInitialEvents: true)
        )
        let status = #"{"kind":"Status","code":429,"reason":"TooManyRequests","details":{"retryAfterSeconds":5}}"#
        #expect(
            try event(#"{"type":"ERROR","object":\#(status)}"#)
                == .error(ServerStatus(code: 429, reason: "TooManyRequests", retryAfter: .seconds(5)))
        )
    }

    @Test(arguments: [
        "{}", "[]", #"{"type":"ADDED"}"#, #"{"type":"ADDED","object":null}"#, #"{"type":5,"object":{}}"#,
        #"{"type":"MOVED","object":{}}"#, #"{"type":"BOOKMARK","object":{"metadata":{}}}"#,
    ])
    func `is nothing else`(_ text: String) {
        #expect(throws: JSONError.self) { try event(text) }
    }
}

struct `A resource version` {
    @Test(arguments: [
        ("9", "10", true), ("10", "9", false), ("10", "10", false), ("99", "100", true), ("a", "b", false),
        ("1", "b", false), ("", "1", false), ("01", "2", false),
        ("18446744073709551615", "18446744073709551616", true),
    ])
    func `is older than another one only where both are numbers`(_ left: String, _ right: String, _ isOlder: Bool) {
        #expect(ResourceVersion(left).isOlder(than: ResourceVersion(right)) == isOlder)
    }
}

struct `A watched resource` {
    @Test func `has the path of its collection`() {
        #expect(WatchedResource.services.path == "/api/v1/services")
        #expect(WatchedResource.endpointSlices.path == "/apis/discovery.k8s.io/v1/endpointslices")
        let one = WatchedResource(plural: "pods", kind: .pod, namespace: "a/b", fieldSelector: "metadata.name=x")
        #expect(one.path == "/api/v1/namespaces/a%2Fb/pods")
        #expect(one.description == "pods in namespace a/b with metadata.name=x")
        #expect("a=b,!c é".percentEncoded == "a%3Db%2C%21c%20%C3%A9")
    }
}
