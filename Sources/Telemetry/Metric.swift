/// A number that only grows: how often something happened since the program started.
///
/// An increment is one addition. Nothing here is locked: one thread counts, and the same thread renders.
package final class Counter {
    /// How often it happened.
    package private(set) var value: UInt64 = 0

    init() {}

    /// Counts one or several more.
    package func increment(by amount: UInt64 = 1) { value &+= amount }
}

/// A number that goes up and down: how much there is at the moment.
package final class Gauge {
    /// How much there is.
    package var value: Double = 0

    init() {}

    /// Says how much there is now, as a count.
    package func set(_ count: Int) { value = Double(count) }
}

/// How a quantity is spread: the number of observations up to each of some bounds, their sum and their count.
package final class Histogram {
    /// The upper bounds of the buckets, ascending; one without a bound follows the last.
    package let bounds: [Double]
    /// How many observations fell into each bucket alone; one more than there are bounds.
    package private(set) var counts: [UInt64]
    /// The sum of all observations.
    package private(set) var sum: Double = 0
    /// The number of observations.
    package var count: UInt64 { counts.reduce(0, &+) }

    init(bounds: [Double]) {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy(<), "histogram bounds must ascend")
        self.bounds = bounds
        counts = [UInt64](repeating: 0, count: bounds.count + 1)
    }

    /// Counts an observation; one that equals a bound lies below it.
    package func observe(_ value: Double) {
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        counts[low] &+= 1
        sum += value
    }

    /// Counts a length of time, in seconds.
    package func observe(_ duration: Duration) { observe(duration.inSeconds) }

    /// Bounds of which each is `factor` times the one before.
    ///
    /// - Precondition: `start` is positive and `factor` is greater than one.
    package static func exponentialBounds(start: Double, factor: Double, count: Int) -> [Double] {
        precondition(start > 0 && factor > 1, "exponential bounds must grow")
        var bounds: [Double] = []
        var bound = start
        for _ in 0..<count {
            bounds.append(bound)
            bound *= factor
        }
        return bounds
    }
}
