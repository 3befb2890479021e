private import Synchronization

/// All metrics of a program, and their Prometheus text.
///
/// Any thread may render while others count.
package final class MetricRegistry: Sendable {
    /// The `Content-Type` of the text that `exposition()` makes.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private enum Family: Sendable {
        case collected(@Sendable () -> [CollectedMetric])
        case written(@Sendable (inout ExpositionText) -> Void)
        case counter(MetricFamily<Counter>)
        case gauge(MetricFamily<Gauge>)
        case histogram(MetricFamily<Histogram>)
    }

    private struct Registrations {
        var families: [Family] = []
        var names: Set<String> = []
    }

    private let registrations = Mutex(Registrations())

    /// Creates an empty registry.
    package init() {}

    /// Registers a counter without labels; its name ends in `_total` by convention.
    ///
    /// - Precondition: Here and below, the name is a valid one and not yet registered.
    package func counter(_ name: String, _ help: String) -> Counter { counters(name, help, labels: []).member([]) }

    /// Registers counters that are told apart by labels.
    package func counters(_ name: String, _ help: String, labels: [String]) -> MetricFamily<Counter> {
        let family = MetricFamily(name: name, help: help, labelNames: labels) { Counter() }
        add(.counter(family), name: name)
        return family
    }

    /// Registers a gauge without labels.
    package func gauge(_ name: String, _ help: String) -> Gauge { gauges(name, help, labels: []).member([]) }

    /// Registers gauges that are told apart by labels.
    package func gauges(_ name: String, _ help: String, labels: [String]) -> MetricFamily<Gauge> {
        let family = MetricFamily(name: name, help: help, labelNames: labels) { Gauge() }
        add(.gauge(family), name: name)
        return family
    }

    /// Registers a histogram without labels.
    package func histogram(_ name: String, _ help: String, bounds: [Double]) -> Histogram {
        histograms(name, help, labels: [], bounds: bounds).member([])
    }

    /// Registers histograms that are told apart by labels and share their bounds.
    package func histograms(
        _ name: String,
        _ help: String,
        labels: [String],
        bounds: [Double]
    ) -> MetricFamily<Histogram> {
        let family = MetricFamily(name: name, help: help, labelNames: labels) { Histogram(bounds: bounds) }
        add(.histogram(family), name: name)
        return family
    }

    /// Registers numbers that are kept elsewhere: they are asked for whenever the text is rendered, by that thread.
    package func collect(_ read: @escaping @Sendable () -> [CollectedMetric]) {
        registrations.withLock { $0.families.append(.collected(read)) }
    }

    /// Registers metrics that are kept elsewhere and write their own text, whenever it is rendered, by that thread.
    package func collect(writing write: @escaping @Sendable (inout ExpositionText) -> Void) {
        registrations.withLock { $0.families.append(.written(write)) }
    }

    /// Renders every metric as Prometheus text, in the order of registration.
    ///
    /// The format is version 0.0.4 of Prometheus' exposition formats.
    package func exposition() -> String {
        var text = ExpositionText()
        for family in registrations.withLock(\.families) {
            switch family {
            case .collected(let read):
                for metric in read() {
                    text.describe(metric.name, metric.help, type: metric.kind.rawValue)
                    text.sample(metric.name, [], ExpositionText.number(metric.value))
                }
            case .written(let write): write(&text)
            case .counter(let family):
                text.describe(family.name, family.help, type: "counter")
                for (labels, counter) in family.sortedMembers {
                    text.sample(family.name, labels, String(counter.value))
                }
            case .gauge(let family):
                text.describe(family.name, family.help, type: "gauge")
                for (labels, gauge) in family.sortedMembers {
                    text.sample(family.name, labels, ExpositionText.number(gauge.value))
                }
            case .histogram(let family):
                text.describe(family.name, family.help, type: "histogram")
                for (labels, histogram) in family.sortedMembers { text.histogram(family.name, labels, histogram) }
            }
        }
        return text.lines
    }

    private func add(_ family: Family, name: String) {
        registrations.withLock { registrations in
            precondition(registrations.names.insert(name).inserted, "the metric \(name) is registered twice")
            registrations.families.append(family)
        }
    }
}
