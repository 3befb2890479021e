private import Synchronization

/// The metrics of one name, told apart by the values of their labels.
///
/// Any thread may use it. Keep the metric that a hot loop counts with: finding it by its labels costs a dictionary
/// lookup under a lock.
package final class MetricFamily<Metric: Sendable>: Sendable {
    let name: String
    let help: String
    let labelNames: [String]
    private let make: @Sendable () -> Metric
    private let members = Mutex<[[String]: Metric]>([:])

    init(name: String, help: String, labelNames: [String], make: @escaping @Sendable () -> Metric) {
        precondition(MetricName.isValid(name, allowsColon: true), "\(name) is no metric name")
        for label in labelNames {
            precondition(MetricName.isValid(label, allowsColon: false) && label != "le", "\(label) is no label name")
        }
        self.name = name
        self.help = help
        self.labelNames = labelNames
        self.make = make
    }

    /// The metric with these label values, in the order of the family's labels; made when first asked for.
    ///
    /// - Precondition: There is one value for each label.
    package subscript(labelValues: String...) -> Metric { member(labelValues) }

    func member(_ labelValues: [String]) -> Metric {
        precondition(labelValues.count == labelNames.count, "\(name) has the labels \(labelNames), not \(labelValues)")
        return members.withLock { members in
            if let known = members[labelValues] { return known }
            let metric = make()
            members[labelValues] = metric
            return metric
        }
    }

    /// Forgets the metric with these label values, so that what has gone is no longer reported.
    package func remove(_ labelValues: String...) { members.withLock { $0[labelValues] = nil } }

    /// Forgets all metrics.
    package func removeAll() { members.withLock { $0.removeAll() } }

    /// The metrics with their labels, in the order of the label values.
    var sortedMembers: [(labels: [(name: String, value: String)], metric: Metric)] {
        members.withLock(\.self)
            .sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { (zip(labelNames, $0.key).map { ($0, $1) }, $0.value) }
    }
}

/// The alphabet of metric and label names.
private enum MetricName {
    static func isValid(_ name: String, allowsColon: Bool) -> Bool {
        guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            case UInt8(ascii: ":"): allowsColon
            default: false
            }
        }
    }
}
