internal import ClusterState
internal import IngressDiscovery
internal import KubernetesAPI
internal import LinuxSystem
internal import ListWatch
internal import Telemetry

/// The requests that the state machines want, and their answers.
extension GatewayCluster {
    /// When the state machines have something to ask for.
    var writingDeadline: Instant? {
        guard hasServed, !options.isReadOnly else { return nil }
        var deadlines = [election.nextDeadline]
        if wasLeader, ending?.step != .releasing { deadlines += [statuses.nextDeadline, events.nextDeadline] }
        if usesPods { deadlines.append(pods?.nextDeadline) }
        if let ending, ending.limit > .now { deadlines.append(ending.limit) }
        return deadlines.compactMap(\.self).min()
    }

    /// Whether the gateway's pods are asked for now.
    private var usesPods: Bool {
        if let ending { return ending.step == .counting }
        if case .nodes = options.publishedFrom { return wasLeader }
        return false
    }

    private var wall: Timestamp {
        let (seconds, nanoseconds) = wallClockNanoseconds().quotientAndRemainder(dividingBy: 1_000_000_000)
        return Timestamp(seconds: seconds, nanoseconds: Int32(nanoseconds))
    }

    /// Takes answers, and sends what there is to send.
    func advance(now: Instant) {
        for result in source.takeResults() { take(result, now) }
        // Who does not serve yet has nothing to say, and should not lead.
        guard hasServed, !options.isReadOnly else { return }
        if let request = election.next(now: now, wall: wall) { send(request, for: .lease, now) }
        noteLeadership(now)
        if usesPods, let request = pods?.next(now: now) { send(request, for: .pods, now) }
        if wasLeader, ending?.step != .releasing {
            for write in statuses.next(now: now) { send(write.request, for: .status(write), now) }
            for write in events.next(now: now, wall: wall) { send(write.request, for: .event(write), now) }
        }
        goOnEnding(now)
    }

    private func send(_ request: APIRequest, for purpose: Purpose, _ now: Instant) {
        if let id = source.enqueue(request) {
            purposes[id] = purpose
        } else {
            ended(purpose, .failure(LeaseFailure(description: "too many requests wait")), now)
        }
    }

    private func take(_ result: APIResult, _ now: Instant) {
        guard let purpose = purposes.removeValue(forKey: result.id) else { return }
        switch result.outcome {
        case .success(let answer):
            // A proxy in between may answer with a page.
            let body = try? JSONReader.value(of: answer.body.span)
            ended(purpose, .success((status: answer.status, body: body)), now)
        case .failure(let failure): ended(purpose, .failure(LeaseFailure(description: failure.description)), now)
        }
    }

    private func ended(
        _ purpose: Purpose,
        _ outcome: Result<(status: Int, body: ObjectValue?), LeaseFailure>,
        _ now: Instant
    ) {
        let answer = try? outcome.get()
        switch purpose {
        case .lease:
            if let request = election.ended(outcome, now: now, wall: wall) { send(request, for: .lease, now) }
            say("lease", election.problem)
        case .pods:
            pods?.ended(status: answer?.status, body: answer?.body, now: now)
            say("pods", pods?.problem)
            if ending == nil, let addresses = pods?.addresses { statuses.want(addresses) }
        case .status(let write):
            statuses.ended(write, status: answer?.status, now: now)
            report(write.request, "the status of Ingress \(write.name)", answer)
        case .event(let write):
            events.ended(write, status: answer?.status, now: now)
            if events.droppedCount > 0 { log.debug("Events untold so far", ["count": .integer(events.droppedCount)]) }
            if answer?.status != 409 { report(write.request, "Events about \(write.event.object)", answer) }
        }
    }

    /// Says that a write was refused for good, once for each reason.
    private func report(_ request: APIRequest, _ what: String, _ answer: (status: Int, body: ObjectValue?)?) {
        guard let answer, [400, 401, 403, 422].contains(answer.status) else { return }
        let message = answer.body?["message"]?.text ?? ""
        say(
            "\(request.method) \(answer.status)",
            "cannot write \(what): the server answered \(answer.status) \(message)"
        )
    }

    /// Says what is wrong with something once, and that it is right again once.
    func say(_ subject: String, _ problem: String?) {
        guard told[subject] != problem else { return }
        if let problem { log.warning(problem) } else if let former = told[subject] { log.info("solved: \(former)") }
        told[subject] = problem
    }

    private func noteLeadership(_ now: Instant) {
        let leads = election.isLeader(at: now) || (ending != nil && wasLeader)
        guard leads != wasLeader else { return }
        wasLeader = leads
        guard leads else {
            log.warning(
                "this gateway leads no more",
                ["lease": .text(options.lease.description), "leader": .text(election.holder)]
            )
            return
        }
        log.info("this gateway leads", ["lease": .text(options.lease.description), "as": .text(options.identity)])
        announce(now)
        for problem in standing.sorted() { events.tellIfItStands(event(of: problem), now: now) }
    }

    private func goOnEnding(_ now: Instant) {
        switch ending?.step {
        case .counting:
            if let count = pods?.otherCount {
                if count == 0 { beginClearing() } else { releaseLease(now) }
            } else if pods?.problem != nil {
                // Whether another serves is not known, so the addresses stay.
                releaseLease(now)
            }
            if ending?.step == .clearing { advance(now: now) }
        case .clearing: if statuses.isCleared { releaseLease(now) }
        case .releasing, nil: break
        }
    }

    private func releaseLease(_ now: Instant) {
        ending?.step = .releasing
        election.release(now: now)
        if let request = election.next(now: now, wall: wall) { send(request, for: .lease, now) }
    }
}
