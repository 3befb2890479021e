import ClusterState
import KubernetesAPI
import Testing

@testable import Gateway

@Suite struct `An Event` {
    private let start = ContinuousClock.now
    private let wall = Timestamp(seconds: 1_795_245_568)

    private func event(_ name: String = "a", _ message: String = "words") -> ClusterEvent {
        ClusterEvent(
            object: ObjectReference(kind: .ingress, namespace: "default", name: name),
            uid: "uid-\(name)",
            severity: .warning,
            reason: "ServiceNotFound",
            message: message
        )
    }

    private func writer() -> EventWriter { EventWriter(component: "fairlead-gateway", instance: "gw-1") }

    @Test func `names its object so that kubectl finds it`() throws {
        var writer = writer()
        writer.tell(event(), now: start)
        let write = try #require(writer.next(now: start, wall: wall).first)
        #expect(write.request.method == .post)
        #expect(write.request.target == "/api/v1/namespaces/default/events")
        let name = EventWriter.name(of: event())
        #expect(
            write.request.body
                == #"{"apiVersion":"v1","kind":"Event","metadata":{"name":"\#(name)","namespace":"default"},"#
                + #""involvedObject":{"apiVersion":"networking.k8s.io/v1","kind":"Ingress","namespace":"default","#
                + #""name":"a","uid":"uid-a"},"type":"Warning","reason":"ServiceNotFound","message":"words","#
                + #""source":{"component":"fairlead-gateway","host":"gw-1"},"firstTimestamp":"2026-11-21T07:19:28Z","#
                + #""lastTimestamp":"2026-11-21T07:19:28Z","count":1,"reportingComponent":"fairlead-gateway","#
                + #""reportingInstance":"gw-1"}"#
        )
    }

    @Test func `has a name of its own words, the same in every gateway`() {
        #expect(EventWriter.name(of: event()) == EventWriter.name(of: event()))
        var others = [event("b"), event("a", "other words")]
        var uid = event()
        uid.uid = "later"
        others.append(uid)
        #expect(Set((others + [event()]).map(EventWriter.name)).count == 4)
        let long = EventWriter.name(of: event(String(repeating: "x", count: 253)))
        #expect(long.utf8.count == 253)
    }

    @Test func `is told once, however often it happens`() {
        var writer = writer()
        var count = 0
        for second in 0..<290 {
            let now = start + .seconds(second)
            writer.tell(event(), now: now)
            for write in writer.next(now: now, wall: wall) {
                count += 1
                writer.ended(write, status: 201, now: now)
            }
        }
        #expect(count == 1)
        // Later its time is told anew, in the Event that is there.
        writer.tell(event(), now: start + .seconds(300))
        let later = writer.next(now: start + .seconds(300), wall: wall)
        #expect(later.map(\.request.method) == [.mergePatch])
        #expect(later.first?.request.body == #"{"lastTimestamp":"2026-11-21T07:19:28Z"}"#)
        #expect(
            later.first?.request.target == "/api/v1/namespaces/default/events/\(EventWriter.name(of: event()))"
        )
    }

    @Test func `about what was over in a moment is not told`() {
        var writer = writer()
        writer.tellIfItStands(event(), now: start)
        writer.tellIfItStands(event("b"), now: start)
        #expect(writer.nextDeadline == start + .seconds(2))
        #expect(writer.next(now: start + .milliseconds(1999), wall: wall).isEmpty)
        writer.takeBack(event())
        #expect(writer.next(now: start + .seconds(2), wall: wall).map(\.event) == [event("b")])
    }

    struct Row: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let status: Int?
        let isRepeated: Bool
        /// How it is told the next time, if it is, and how long after.
        let next: APIRequest.Method?
        let wait: Int

        init(_ description: String, _ status: Int?, isRepeated: Bool = false, next: APIRequest.Method?, wait: Int = 0) {
            testDescription = description
            self.status = status
            self.isRepeated = isRepeated
            self.next = next
            self.wait = wait
        }
    }

    static let rows = [
        Row("is taken", 201, next: nil),
        Row("is there already, from another gateway", 409, next: .mergePatch),
        Row("has no answer", nil, next: .post, wait: 5),
        Row("meets a server that cannot", 500, next: .post, wait: 5),
        Row("meets a server that has too much to do", 429, next: .post, wait: 5),
        Row("is forbidden", 403, next: nil),
        Row("is for a namespace that ends", 404, next: nil),
        Row("was forgotten by the server", 404, isRepeated: true, next: .post),
    ]

    @Test(arguments: rows)
    func `goes on by the answer`(_ row: Row) throws {
        var writer = writer()
        var now = start
        if row.isRepeated {
            writer.tell(event(), now: now)
            let first = try #require(writer.next(now: now, wall: wall).first)
            writer.ended(first, status: 201, now: now)
            now += .seconds(300)
        }
        writer.tell(event(), now: now)
        let write = try #require(writer.next(now: now, wall: wall).first)
        #expect(write.isRepeated == row.isRepeated)
        writer.ended(write, status: row.status, now: now)
        if row.wait > 0 {
            let early = writer.next(now: now + .seconds(row.wait) - .milliseconds(1), wall: wall)
            #expect(early.isEmpty)
        }
        let next = writer.next(now: now + .seconds(row.wait), wall: wall)
        #expect(next.map(\.request.method) == [row.next].compactMap(\.self))
    }

    @Test func `is given up after three attempts`() {
        var writer = writer()
        writer.tell(event(), now: start)
        var attempts = 0
        for second in 0..<100 {
            for write in writer.next(now: start + .seconds(second), wall: wall) {
                attempts += 1
                writer.ended(write, status: nil, now: start + .seconds(second))
            }
        }
        #expect(attempts == 3)
        #expect(writer.droppedCount == 1)
    }

    @Test func `about one object comes at most ten times at once, and then twice a minute`() {
        var writer = writer()
        var told: [String: Int] = [:]
        for second in 0..<300 {
            let now = start + .seconds(second)
            writer.tell(event("noisy", "message \(second)"), now: now)
            if second == 100 { writer.tell(event("quiet"), now: now) }
            for write in writer.next(now: now, wall: wall) {
                told[write.event.object.name, default: 0] += 1
                writer.ended(write, status: 201, now: now)
            }
        }
        #expect(told["noisy"] == 19)
        #expect(told["quiet"] == 1)
    }

    @Test func `of many is sent with few requests at once, and too many are dropped`() {
        var writer = writer()
        for number in 0..<1200 { writer.tell(event("i\(number)"), now: start) }
        #expect(writer.droppedCount == 200)
        let first = writer.next(now: start, wall: wall)
        #expect(first.count == 5)
        let none = writer.next(now: start, wall: wall)
        #expect(none.isEmpty)
        #expect(writer.nextDeadline == nil)
        for write in first { writer.ended(write, status: 201, now: start) }
        let second = writer.next(now: start, wall: wall)
        #expect(second.map(\.event.object.name) == ["i5", "i6", "i7", "i8", "i9"])
    }
}
