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

    private struct State {
        var table: RoutingTable?
        var texts: [RouteID: Text] = [:]
        var isIndexed = true
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
    package func adopt(_ table: RoutingTable) {
        state.withLock { state in
            state.table = table
            state.isIndexed = false
        }
    }

    /// The labels of a route, or nil when there is none of the number.
    func text(of id: RouteID) -> Text? {
        state.withLock { state in
            if !state.isIndexed { index(&state) }
            return state.texts[id]
        }
    }

    private func index(_ state: inout State) {
        state.isIndexed = true
        state.texts = [:]
        guard let table = state.table else { return }
        for host in table.hosts.map(\.host) + [table.catchAll] {
            for route in host.allRoutes + [host.fallback] where !route.origin.ingress.isEmpty {
                state.texts[RouteID(route, isCanary: false)] = text(route, canary: "")
                if let canary = route.canary {
                    state.texts[RouteID(route, isCanary: true)] = text(route, canary: canary.name)
                }
            }
        }
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
    /// The number by which requests of a route are counted; those that its canary serves are counted apart.
    init(_ route: Route, isCanary: Bool) {
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
