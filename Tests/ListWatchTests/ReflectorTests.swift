import KubernetesAPI
import ListWatch
import Testing

/// A reflector with a clock and a chance of its own, and the last things that it wanted done.
struct Script {
    var reflector: Reflector
    var now: ContinuousClock.Instant
    var random = SplitMix(state: 7)
    var actions: [ReflectorAction] = []

    init(_ resource: WatchedResource = .endpointSlices) {
        now = .now
        reflector = Reflector(resource, now: now)
    }

    /// The request that was sent last, if the last actions sent one.
    var sent: ReflectorRequest? {
        for case .send(let request) in actions { return request }
        return nil
    }

    /// The message that was last reported, if one was.
    var report: String?? {
        for case .report(let message) in actions { return .some(message) }
        return nil
    }

    var removed: [String] {
        for case .remove(let references) in actions { return references.map(\.name) }
        return []
    }

    mutating func wait() { wait(until: reflector.deadline) }

    mutating func wait(until time: ContinuousClock.Instant) {
        now = max(now, time)
        actions = reflector.timeHasCome(now, random: &random)
    }

    mutating func wait(_ duration: Duration) { wait(until: now + duration) }

    mutating func accept() { reflector.accepted(now) }

    mutating func refuse(_ code: Int, message: String = "", retryAfter: Duration? = nil) {
        actions = reflector.refused(
            ServerStatus(code: code, message: message, retryAfter: retryAfter),
            now,
            random: &random
        )
    }

    mutating func page(_ version: String?, next: String? = nil) {
        actions = reflector.pageEnded(
            ListEnvelope(version: version.map(ResourceVersion.init), continuation: next),
            now,
            random: &random
        )
    }

    mutating func bookmark(_ version: String, ends: Bool = false) {
        actions = reflector.bookmark(ResourceVersion(version), endsInitialEvents: ends, now, random: &random)
    }

    mutating func breaks(_ reason: String = "reset") { actions = reflector.broke(reason, now, random: &random) }

    mutating func end() { actions = reflector.watchEnded(now, random: &random) }

    static func object(_ name: String, _ version: String) -> ObjectIdentity {
        ObjectIdentity(
            reference: ObjectReference(kind: .endpointSlice, namespace: "default", name: name),
            version: ResourceVersion(version)
        )
    }

    /// A reflector that watches from version 100 and knows the objects a, b and c.
    static var watching: Script {
        var script = Script()
        script.wait()
        script.accept()
        for name in ["a", "b", "c"] { _ = script.reflector.applied(object(name, "50")) }
        script.bookmark("100", ends: true)
        return script
    }
}

struct `A reflector` {
    @Test func `begins with a watch of all objects`() {
        var script = Script()
        script.wait()
        #expect(script.sent?.verb == .watchWithObjects)
        script.accept()
        #expect(script.reflector.applied(Script.object("a", "5")) == .apply)
        #expect(!script.reflector.hasSynced)
        script.bookmark("9")
        #expect(!script.reflector.hasSynced)
        script.bookmark("9", ends: true)
        #expect(script.reflector.hasSynced)
        #expect(script.actions == [])
    }

    @Test(arguments: [400, 422])
    func `lists where the server does not know such watches`(_ code: Int) {
        var script = Script()
        script.wait()
        script.refuse(code)
        #expect(script.sent?.target.contains("limit=500&resourceVersion=0&resourceVersionMatch=NotOlderThan") == true)
        script.accept()
        #expect(script.reflector.listed(Script.object("a", "5")) == .apply)
        script.page("9", next: "t/1")
        #expect(script.sent?.target.hasSuffix("limit=500&continue=t%2F1") == true)
        script.accept()
        #expect(!script.reflector.hasSynced)
        script.page("9")
        #expect(script.reflector.hasSynced)
        #expect(script.sent?.verb == .watch)
        #expect(script.sent?.target.contains("resourceVersion=9") == true)
    }

    @Test(arguments: [Duration.seconds(10), .seconds(61)])
    func `lists where the server never says that this was all`(_ silence: Duration) {
        var script = Script()
        script.wait()
        script.accept()
        if silence > .seconds(60) {
            // Events all the time are no sign that the end will be told.
            for _ in 0..<59 {
                script.wait(.seconds(1))
                script.reflector.heard(script.now)
            }
        }
        script.wait()
        #expect(script.sent?.verb == .list)
        #expect(script.actions.first == .abandon)
    }

    @Test func `waits ever longer, with chance, up to half a minute, and forgets that after a success`() {
        var script = Script.watching
        var delays: [Duration] = []
        for _ in 0..<10 {
            script.breaks()
            delays.append(script.reflector.deadline - script.now)
            script.wait()
            #expect(script.sent?.verb == .watch)
        }
        var base = Duration.milliseconds(800)
        for delay in delays {
            #expect(delay >= min(base, .seconds(30)) && delay <= min(base * 2, .seconds(30)))
            base *= 2
        }
        #expect(Set(delays).count > 3)
        script.accept()
        script.bookmark("101")
        script.breaks()
        #expect(script.reflector.deadline - script.now <= .milliseconds(1600))
    }

    @Test func `says what is wrong at the second failure, and that all is well at the next success`() {
        var script = Script.watching
        script.breaks("Connection reset by peer")
        #expect(script.report == nil)
        script.wait()
        script.breaks("Connection refused")
        #expect(script.report == "cannot watch endpointslices.discovery.k8s.io: Connection refused")
        script.wait()
        script.accept()
        #expect(script.report == nil)
        script.bookmark("101")
        #expect(script.report == .some(nil))
    }

    @Test func `counts a quiet watch as a success once it has stood for five seconds`() {
        var script = Script.watching
        for _ in 0..<3 {
            script.breaks()
            script.wait()
        }
        script.accept()
        script.wait(.seconds(5))
        #expect(script.report == .some(nil))
        script.breaks()
        #expect(script.reflector.deadline - script.now <= .milliseconds(1600))
    }

    @Test func `is not fooled by watches that end at once`() {
        var script = Script.watching
        script.breaks()
        for _ in 0..<4 {
            script.wait()
            script.accept()
            script.end()
            #expect(script.sent == nil)
        }
        #expect(script.reflector.deadline - script.now >= .seconds(6))
    }

    @Test func `watches on at once when a watch ends in its time`() {
        var script = Script.watching
        for _ in 0..<4 {
            script.wait(.seconds(100))
            script.reflector.heard(script.now)
        }
        script.end()
        #expect(script.sent?.verb == .watch)
        #expect(script.sent?.target.contains("resourceVersion=100") == true)
    }

    @Test func `takes silence beyond two bookmarks for a dead connection`() {
        var script = Script.watching
        #expect(script.reflector.deadline - script.now == .seconds(150))
        script.wait(.seconds(149))
        #expect(script.actions == [])
        script.reflector.heard(script.now)
        script.wait(.seconds(149))
        #expect(script.actions == [])
        script.wait(.seconds(1))
        #expect(script.actions == [.abandon])
        script.wait()
        #expect(script.sent?.target.contains("resourceVersion=100") == true)
    }

    @Test func `waits for the end of a watch's time where the server sends no bookmarks`() {
        var script = Script()
        script.wait()
        script.refuse(422)
        script.accept()
        script.page("9")
        script.accept()
        script.wait(.seconds(5))
        let left = script.reflector.deadline - script.now
        #expect(left >= .seconds(325) && left <= .seconds(625))
    }

    @Test func `gives up a request that is not answered, and a list that stops`() {
        var script = Script()
        script.wait()
        #expect(script.reflector.deadline - script.now == .seconds(65))
        script.wait()
        #expect(script.actions == [.abandon])
        script.wait()
        script.refuse(422)
        script.accept()
        #expect(script.reflector.deadline - script.now == .seconds(60))
        script.wait()
        #expect(script.actions.first == .abandon)
    }

    @Test(arguments: [true, false])
    func `removes what a later list does not hold, at its end and not before`(_ isOldServer: Bool) {
        var script = Script.watching
        script.actions(of: { $0.watchFailed(ServerStatus(code: 410, reason: "Expired"), $1, random: &$2) })
        #expect(script.actions == [.abandon])
        script.wait()
        #expect(script.sent?.verb == .watchWithObjects)
        if isOldServer {
            script.refuse(422)
            // What the server has at hand may be older than what is known.
            #expect(script.sent?.target.contains("resourceVersion") == false)
        }
        script.accept()
        #expect(script.reflector.listed(Script.object("a", "50")) == .ignore)
        #expect(script.reflector.listed(Script.object("b", "40")) == .apply)
        script.breaks()
        #expect(script.removed == [])
        script.wait()
        script.accept()
        #expect(script.reflector.listed(Script.object("a", "50")) == .ignore)
        if isOldServer { script.page("200") } else { script.bookmark("200", ends: true) }
        #expect(script.removed == ["b", "c"])
        #expect(script.reflector.objectCount == 1)
    }

    @Test func `lists in one piece when a page's token has expired`() {
        var script = Script()
        script.wait()
        script.refuse(422)
        script.accept()
        script.page("9", next: "token")
        script.refuse(410)
        #expect(script.actions == [.abandon])
        script.wait()
        #expect(script.sent?.verb == .list)
        #expect(script.sent?.target.contains("limit") == false)
        #expect(script.sent?.target.contains("continue") == false)
        script.accept()
        script.page("10")
        #expect(script.reflector.hasSynced)
    }

    @Test func `asks for the same page again after a failure`() {
        var script = Script()
        script.wait()
        script.refuse(422)
        script.accept()
        script.page("9", next: "token")
        script.refuse(500)
        script.wait()
        #expect(script.sent?.target.contains("continue=token") == true)
    }

    @Test func `lists again from a server that went back in time`() {
        var script = Script.watching
        script.breaks()
        script.wait()
        script.refuse(504, message: "Too large resource version: 100, current: 7")
        script.wait()
        #expect(script.sent?.verb == .watchWithObjects)

        var other = Script.watching
        other.bookmark("99")
        #expect(other.actions == [.abandon])
        other.wait()
        #expect(other.sent?.verb == .watchWithObjects)
    }

    @Test(arguments: [400, 422])
    func `lists again from a server that does not understand the version`(_ code: Int) {
        var script = Script.watching
        script.breaks()
        script.wait()
        script.refuse(code, message: "invalid resource version")
        #expect(script.report == "cannot watch endpointslices.discovery.k8s.io: invalid resource version (\(code))")
        script.wait()
        #expect(script.sent?.verb == .watchWithObjects)
        #expect(script.reflector.objectCount == 3)
    }

    @Test func `renews credentials once at once, then with pauses`() {
        var script = Script.watching
        script.breaks()
        script.wait()
        script.refuse(401, message: "Unauthorized")
        #expect(script.actions.first == .renewCredentials)
        #expect(script.sent?.verb == .watch)
        script.refuse(401, message: "Unauthorized")
        #expect(script.actions.first == .renewCredentials)
        #expect(script.sent == nil)
        #expect(
            script.report
                == "cannot watch endpointslices.discovery.k8s.io: the credentials are refused: Unauthorized (401)"
        )
        script.wait()
        script.accept()
        script.bookmark("101")
        #expect(script.report == .some(nil))
        script.breaks()
        script.wait()
        script.refuse(401)
        #expect(script.sent?.verb == .watch)
    }

    @Test func `waits as long as the server asks it to`() {
        for code in [429, 503] {
            var script = Script.watching
            script.breaks()
            script.wait()
            script.refuse(code, retryAfter: .seconds(45))
            #expect(script.reflector.deadline - script.now == .seconds(45))
        }
    }

    @Test func `does without resources that are optional`() {
        var script = Script(.serviceCIDRs)
        script.wait()
        script.refuse(404)
        #expect(script.reflector.hasSynced)
        #expect(script.report == nil)
        #expect(script.reflector.deadline - script.now == .seconds(300))
        script.wait()
        #expect(script.sent?.verb == .watchWithObjects)

        var forbidden = Script(.serviceCIDRs)
        forbidden.wait()
        forbidden.refuse(403, message: "servicecidrs is forbidden")
        #expect(forbidden.reflector.hasSynced)
        #expect(forbidden.report != nil)
    }

    @Test(arguments: [403, 404])
    func `keeps what it knows when it is refused`(_ code: Int) {
        var script = Script.watching
        script.breaks()
        script.wait()
        script.refuse(code)
        #expect(script.removed == [])
        #expect(script.reflector.objectCount == 3)
        #expect(script.report != nil)
    }

    @Test func `drops fields that it need not ask for`() {
        var script = Script(.services)
        script.wait()
        #expect(script.sent?.target.contains("fieldSelector=spec.clusterIP%21%3DNone") == true)
        script.refuse(400)
        #expect(script.sent?.verb == .watchWithObjects)
        #expect(script.sent?.target.contains("fieldSelector") == false)
        script.refuse(400)
        #expect(script.sent?.verb == .list)
        script.refuse(400, message: "bad")
        #expect(script.report == "cannot list services: bad (400)")
    }

    @Test func `believes the newest of what is said about an object`() {
        var script = Script.watching
        let verdicts = [
            script.reflector.applied(Script.object("a", "110")),
            script.reflector.applied(Script.object("a", "110")),
            script.reflector.applied(Script.object("a", "105")),
            script.reflector.deleted(Script.object("a", "108")),
            script.reflector.applied(Script.object("a", "112")),
            script.reflector.deleted(Script.object("a", "113")),
            script.reflector.deleted(Script.object("a", "113")),
            script.reflector.applied(Script.object("a", "120")),
        ]
        #expect(verdicts == [.apply, .ignore, .ignore, .ignore, .apply, .remove, .ignore, .apply])
        script.breaks()
        script.wait()
        #expect(script.sent?.target.contains("resourceVersion=120") == true)
    }
}

extension Script {
    /// Performs a call of the reflector that takes the time and chance.
    mutating func actions(
        of call: (inout Reflector, ContinuousClock.Instant, inout SplitMix) -> [ReflectorAction]
    ) {
        actions = call(&reflector, now, &random)
    }
}
