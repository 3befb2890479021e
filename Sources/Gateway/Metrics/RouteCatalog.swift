package import Routing
internal import Synchronization
internal import Telemetry

/// Which route each number stands for, and what its labels look like in Prometheus text.
///
/// Labels are made when somebody scrapes, from the routes of that moment: a change of routes costs nothing here. The
/// numbers of a route that has gone are no longer told.
package final class RouteCatalog: Sendable {
    /// The labels of a route, around those of a request: method and status stand between and behind them.
    struct Text: Hashable, Sendable {
        let head: LabelText
        let tail: LabelText
    }

    /// The labels of all routes; routes whose labels are the same share them.
    struct Labels: Sendable {
        fileprivate(set) var texts: [Text] = []
        fileprivate(set) var numbers: [RouteID: Int] = [:]
    }

    private struct State {
        var table: RoutingTable?
        var labels: Labels?
    }

    /// The labels of the gateway.
    let controller: ControllerLabels
    private let includesHost: Bool
    private let state = Mutex(State())

    /// Creates an empty catalog.
    ///
    /// - Parameters:
    ///   - controller: The labels that all routes have.
    ///   - includesHost: Whether metrics are kept per host.
    package init(controller: ControllerLabels, includesHost: Bool = true) {
        self.controller = controller
        self.includesHost = includesHost
    }

    /// Makes the routes of a table the present ones.
    package func adopt(_ table: RoutingTable) { state.withLock { $0 = State(table: table) } }

    /// The labels of the present routes.
    func labels() -> Labels {
        let (table, made) = state.withLock { ($0.table, $0.labels) }
        if let made { return made }
        guard let table else { return Labels() }
        // Outside the lock, so that whoever changes the routes never waits for it.
        let labels = labels(of: table)
        state.withLock { if $0.table === table { $0.labels = labels } }
        return labels
    }

    private func labels(of table: RoutingTable) -> Labels {
        var labels = Labels()
        var known: [Text: Int] = [:]
        func add(_ text: Text, _ id: RouteID) {
            if let number = known[text] {
                labels.numbers[id] = number
                return
            }
            known[text] = labels.texts.count
            labels.numbers[id] = labels.texts.count
            labels.texts.append(text)
        }
        for host in table.hosts.map(\.host) + [table.catchAll] {
            for route in host.allRoutes + [host.fallback] where !route.origin.ingress.isEmpty {
                add(text(route, canary: ""), RouteID(route, isCanary: false))
                if let canary = route.canary { add(text(route, canary: canary.name), RouteID(route, isCanary: true)) }
            }
        }
        return labels
    }

    /// In alphabetical order, as Go's Prometheus library has them.
    private func text(_ route: Route, canary: String) -> Text {
        let origin = route.origin
        var head = LabelText(["canary": canary])
        head.append(controller.text)
        if includesHost { head.append("host", origin.host) }
        head.append("ingress", origin.ingress)
        let tail = LabelText(["namespace": origin.namespace, "path": origin.path, "service": origin.service])
        return Text(head: head, tail: tail)
    }
}

extension RouteID {
    /// The number by which requests of a route are counted.
    ///
    /// - Parameters:
    ///   - route: The route.
    ///   - isCanary: Whether its canary serves them; such requests are counted apart.
    package init(_ route: Route, isCanary: Bool) {
        self.init(
            index: UInt32(truncatingIfNeeded: route.id & 0x7fff_ffff) << 1 | (isCanary ? 1 : 0),
            generation: UInt32(truncatingIfNeeded: route.id >> 32)
        )
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
