/// A histogram with a fixed number of buckets and no heap memory, which one worker counts with.
struct FixedHistogram<let bucketCount: Int>: Sendable {
    /// How many observations fell into each bucket alone.
    private(set) var counts: InlineArray<bucketCount, UInt64> = InlineArray(repeating: 0)
    /// The sum of all observations, in the unit of the bounds.
    private(set) var sum: UInt64 = 0

    /// The number of observations.
    var count: UInt64 {
        var total: UInt64 = 0
        for bucket in counts.indices { total &+= counts[bucket] }
        return total
    }

    /// Counts an observation that belongs into a bucket.
    mutating func observe(_ value: UInt64, bucket: Int) {
        counts[bucket] &+= 1
        sum &+= value
    }

    /// Adds the observations of another.
    mutating func add(_ other: FixedHistogram) {
        for bucket in counts.indices { counts[bucket] &+= other.counts[bucket] }
        sum &+= other.sum
    }
}

/// Lengths of time in microseconds, in the buckets of ingress-nginx.
typealias DurationHistogram = FixedHistogram<12>

extension FixedHistogram where bucketCount == 12 {
    /// The bounds in seconds.
    static var secondsBounds: [String] {
        ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10"]
    }

    /// Counts a length of time; one that equals a bound lies below it.
    mutating func observe(microseconds: UInt64) {
        let bucket =
            switch microseconds {
            case ...5_000: 0
            case ...10_000: 1
            case ...25_000: 2
            case ...50_000: 3
            case ...100_000: 4
            case ...250_000: 5
            case ...500_000: 6
            case ...1_000_000: 7
            case ...2_500_000: 8
            case ...5_000_000: 9
            case ...10_000_000: 10
            default: 11
            }
        observe(microseconds, bucket: bucket)
    }
}

/// Sizes in bytes, in powers of ten.
typealias SizeHistogram = FixedHistogram<8>

extension FixedHistogram where bucketCount == 8 {
    /// The bounds in bytes.
    static var bytesBounds: [String] { ["10", "100", "1000", "10000", "100000", "1e+06", "1e+07"] }

    /// Counts a size; one that equals a bound lies below it.
    mutating func observe(bytes: UInt64) {
        let bucket =
            switch bytes {
            case ...10: 0
            case ...100: 1
            case ...1_000: 2
            case ...10_000: 3
            case ...100_000: 4
            case ...1_000_000: 5
            case ...10_000_000: 6
            default: 7
            }
        observe(bytes, bucket: bucket)
    }
}

/// How long the event loop kept others waiting, in microseconds.
typealias LagHistogram = FixedHistogram<10>

extension FixedHistogram where bucketCount == 10 {
    /// The bounds in seconds.
    static var lagBounds: [String] { ["0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.1", "1"] }

    /// Counts a lag; one that equals a bound lies below it.
    mutating func observe(lag microseconds: UInt64) {
        let bucket =
            switch microseconds {
            case ...100: 0
            case ...250: 1
            case ...500: 2
            case ...1_000: 3
            case ...2_500: 4
            case ...5_000: 5
            case ...10_000: 6
            case ...100_000: 7
            case ...1_000_000: 8
            default: 9
            }
        observe(microseconds, bucket: bucket)
    }
}
