internal import Synchronization
internal import Telemetry

/// Which route each number stands for, and what its labels look like in Prometheus text.
///
/// Whoever compiles routes asks for their numbers; whoever renders metrics asks for their labels. Routes that share all
/// labels share a number.
package final class RouteCatalog: Sendable {
    /// The labels of a route, around those of a request: method and status stand between and behind them.
    struct Text: Hashable, Sendable {
        let head: LabelText
        let tail: LabelText
    }

    private struct Entry {
        var text: Text?
        var generation: UInt32
    }

    private struct State {
        var entries: [Entry] = []
        var numbers: [Text: UInt32] = [:]
        var live: Set<UInt32> = []
        /// Routes that have gone, the longest gone first.
        var retired: [UInt32] = []
        var free: [UInt32] = []
    }

    /// The labels of the gateway.
    let controller: ControllerLabels
    private let includesHost: Bool
    private let retiredMax: Int
    private let state = Mutex(State())

    /// Creates an empty catalog.
    ///
    /// - Parameters:
    ///   - controller: The labels that all routes have.
    ///   - includesHost: Whether metrics are kept per host.
    ///   - retiredMax: How many routes that have gone are still reported, until others replace them: a scraper should see
    ///     their last numbers.
    package init(controller: ControllerLabels, includesHost: Bool = true, retiredMax: Int = 1000) {
        self.controller = controller
        self.includesHost = includesHost
        self.retiredMax = retiredMax
    }

    /// Makes the given routes the present ones, and returns their numbers in the same order.
    ///
    /// A route that was there before, or went not long ago, has the number that it had.
    package func adopt(_ routes: [RouteLabels]) -> [RouteID] {
        let texts = routes.map(text)
        return state.withLock { state in
            let before = state.live
            state.live = []
            // Those that have numbers first, so that a new one cannot take the number of one that comes back.
            for text in texts { if let number = state.numbers[text] { state.live.insert(number) } }
            state.retired.removeAll { state.live.contains($0) }
            state.retired += before.subtracting(state.live).sorted()
            forgetRetired(&state)
            return texts.map { text in
                let number = state.numbers[text] ?? add(text, to: &state)
                return RouteID(index: number, generation: state.entries[Int(number)].generation)
            }
        }
    }

    /// The labels of a route, or nil when it is forgotten.
    func text(of id: RouteID) -> Text? {
        state.withLock { state in
            guard id.index < state.entries.count, state.entries[Int(id.index)].generation == id.generation
            else { return nil }
            return state.entries[Int(id.index)].text
        }
    }

    /// How many numbers were ever in use at the same time, which bounds what workers keep.
    package var numberCount: Int { state.withLock { $0.entries.count } }

    private func forgetRetired(_ state: inout State) {
        guard state.retired.count > retiredMax else { return }
        let forgotten = state.retired.prefix(state.retired.count - retiredMax)
        for number in forgotten {
            if let text = state.entries[Int(number)].text { state.numbers[text] = nil }
            state.entries[Int(number)].text = nil
            state.entries[Int(number)].generation &+= 1
            state.free.append(number)
        }
        state.retired.removeFirst(forgotten.count)
    }

    private func add(_ text: Text, to state: inout State) -> UInt32 {
        let number: UInt32
        if let free = state.free.popLast() {
            number = free
            state.entries[Int(number)].text = text
        } else {
            number = UInt32(state.entries.count)
            state.entries.append(Entry(text: text, generation: 0))
        }
        state.numbers[text] = number
        state.live.insert(number)
        return number
    }

    /// In alphabetical order, as Go's Prometheus library has them.
    private func text(_ route: RouteLabels) -> Text {
        var head = LabelText(["canary": route.canary])
        head.append(controller.text)
        if includesHost { head.append("host", route.host) }
        head.append("ingress", route.ingress)
        let tail = LabelText(["namespace": route.namespace, "path": route.path, "service": route.service])
        return Text(head: head, tail: tail)
    }
}

extension ControllerLabels {
    /// The labels as Prometheus text.
    var text: LabelText {
        LabelText([
            "controller_class": controllerClass, "controller_namespace": namespace, "controller_pod": pod,
        ])
    }
}
