private import Synchronization

/// A number that only grows: how often something happened since the program started.
///
/// Any thread may count while another renders: an increment is one atomic addition, and nothing is locked.
package final class Counter: Sendable {
    private let number = Atomic<UInt64>(0)

    /// How often it happened.
    package var value: UInt64 { number.load(ordering: .relaxed) }

    init() {}

    /// Counts one or several more.
    package func increment(by amount: UInt64 = 1) { number.wrappingAdd(amount, ordering: .relaxed) }
}

/// A number that goes up and down: how much there is at the moment.
///
/// Any thread may set it while another renders.
package final class Gauge: Sendable {
    private let bits = Atomic<UInt64>(0)

    /// How much there is.
    package var value: Double {
        get { Double(bitPattern: bits.load(ordering: .relaxed)) }
        set { bits.store(newValue.bitPattern, ordering: .relaxed) }
    }

    init() {}

    /// Says how much there is now, as a count.
    package func set(_ count: Int) { value = Double(count) }

    /// Says that there is so much more, or less.
    package func add(_ amount: Double) { bits.addNumber(amount) }
}

/// How a quantity is spread: the number of observations up to each of some bounds, their sum and their count.
///
/// Any thread may observe while another renders; what is rendered may lack the sum of an observation that is under way.
package final class Histogram: Sendable {
    /// The upper bounds of the buckets, ascending; one without a bound follows the last.
    package let bounds: [Double]
    private let buckets: [Counter]
    private let sumBits = Atomic<UInt64>(0)

    /// How many observations fell into each bucket alone; one more than there are bounds.
    package var counts: [UInt64] { buckets.map(\.value) }
    /// The sum of all observations.
    package var sum: Double { Double(bitPattern: sumBits.load(ordering: .relaxed)) }
    /// The number of observations.
    package var count: UInt64 { counts.reduce(0, &+) }

    init(bounds: [Double]) {
        precondition(zip(bounds, bounds.dropFirst()).allSatisfy(<), "histogram bounds must ascend")
        self.bounds = bounds
        buckets = (0...bounds.count).map { _ in Counter() }
    }

    /// Counts an observation; one that equals a bound lies below it.
    package func observe(_ value: Double) {
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        buckets[low].increment()
        sumBits.addNumber(value)
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

extension Atomic where Value == UInt64 {
    /// Adds to the floating-point number whose bits these are.
    fileprivate borrowing func addNumber(_ amount: Double) {
        var seen = load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: seen) + amount).bitPattern
            let (exchanged, original) = weakCompareExchange(expected: seen, desired: sum, ordering: .relaxed)
            if exchanged { return }
            seen = original
        }
    }
}
