import ClusterState
import KubernetesAPI
import NodeAgent
import ServiceModel
import Telemetry
import Testing

/// What becomes of events on their way to an API server; time is given.
struct `An event for an API server` {
    private func event(_ name: String = "web", _ message: String = "refused") -> ClusterEvent {
        ClusterEvent(ObjectName(namespace: "team", name: name), .warning, .programmingFailed, message)
    }

    private func time(_ seconds: Int64) -> WallTime {
        WallTime(seconds: 1_800_000_000 + seconds, nanoseconds: 1_002_003)
    }

    @Test func `is an object with all that the API demands`() throws {
        var recorder = EventRecorder(nodeName: "node-1")
        let made = recorder.request(for: event(), at: time(0))
        let request = try #require(made)
        #expect(request.method == .post)
        #expect(request.target == "/apis/events.k8s.io/v1/namespaces/team/events")
        #expect(
            request.body
                == #"{"apiVersion":"events.k8s.io/v1","kind":"Event","#
                + #""metadata":{"name":"web.18fae27693c34a13","namespace":"team"},"#
                + #""eventTime":"2027-01-15T08:00:00.001002Z","reportingController":"fairlead-agent","#
                + #""reportingInstance":"node-1","action":"ProgramService","reason":"FailedToProgramService","#
                + #""type":"Warning","note":"refused","#
                + #""regarding":{"apiVersion":"v1","kind":"Service","namespace":"team","name":"web"}}"#
        )
    }

    @Test func `names its object's identity, so that it is found with the object`() throws {
        var recorder = EventRecorder(nodeName: "node-1")
        var known = event()
        known.uid = ObjectUID("8f14e45f-ceea-467f-a8a8-000000000001")
        let request = recorder.request(for: known, at: time(0))
        #expect(
            request?.body.contains(#""name":"web","uid":"8f14e45f-ceea-467f-a8a8-000000000001"}"#) == true,
            "\(String(describing: request))"
        )
        // Another one of its name is another object.
        var next = known
        next.uid = ObjectUID("8f14e45f-ceea-467f-a8a8-000000000002")
        #expect([known, next].map { recorder.request(for: $0, at: time(1))?.method } == [.mergePatch, .post])
    }

    @Test func `counts while it is the same, within half an hour`() throws {
        var recorder = EventRecorder(nodeName: "node-1")
        var requests = [(event(), 0), (event(), 60), (event(), 120), (event("web", "other"), 120), (event(), 1920)]
            .map { recorder.request(for: $0, at: time($1)) }
        recorder.forget(event())
        requests.append(recorder.request(for: event(), at: time(1930)))
        #expect(requests.map { $0?.method } == [.post, .mergePatch, .mergePatch, .post, .post, .post])
        let second = try #require(requests[1])
        #expect(second.target.hasPrefix("/apis/events.k8s.io/v1/namespaces/team/events/web."))
        #expect(second.body == #"{"series":{"count":2,"lastObservedTime":"2027-01-15T08:01:00.001002Z"}}"#)
        #expect(requests[2]?.body.contains(#""count":3"#) == true)
    }

    @Test func `waits its turn when too much happens`() {
        var recorder = EventRecorder(nodeName: "node-1")
        func told(_ count: Int, at seconds: Int64) -> Int {
            (0..<count).count { recorder.request(for: event("web-\($0)"), at: time(seconds)) != nil }
        }
        // A clock that jumps back gives nothing, and one that jumps ahead no more than a pause does.
        let counts = [
            told(1000, at: 0), told(10, at: 9), told(10, at: 39), told(10, at: -1000), told(1000, at: 1_000_000),
        ]
        #expect(counts == [25, 0, 3, 0, 25])
    }

    @Test(arguments: [("é", 512, nil), ("é", 513, 510), ("x", 1024, nil), ("x", 5000, 1021)] as [(String, Int, Int?)])
    func `is cut to what the API takes, between characters`(character: String, count: Int, kept: Int?) throws {
        var recorder = EventRecorder(nodeName: "n")
        let message = String(repeating: character, count: count)
        let request = recorder.request(for: event("web", message), at: time(0))
        let body = try #require(request).body
        let note = kept.map { String(repeating: character, count: $0) + "…" } ?? message
        #expect(body.contains("\"note\":\"\(note)\""))
    }
}
