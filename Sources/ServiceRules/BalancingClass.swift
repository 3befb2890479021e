/// The size of the chain that balances over a front end's endpoints: a power of two.
///
/// The chain of class M draws a slot below M, eight times if need be, and goes to the endpoint in that slot; an empty
/// slot is a miss, and the next rule draws again. A ninth draw below M/2 always hits, because at least M/2 slots are
/// filled. So all endpoints are as likely as each other, there are as many chains as powers of two, and an endpoint
/// that comes or goes changes elements only, no verdict, unless the class changes with it.
///
/// A packet that was led to the chain a moment before a change may meet the fewer slots of a smaller class. For those
/// few, further draws below M/4 and so on follow, down to slot 0, which is filled as long as there is any endpoint.
enum BalancingClass {
    /// The most endpoints that one front end balances over.
    static let endpointsMax = 4096

    /// Every class, smallest first.
    static let all: [UInt32] = (0...12).map { 1 << $0 }

    /// The classes of most front ends.
    static let usual = all.filter { $0 <= 64 }

    /// How often a slot is drawn before the lower half alone is drawn from.
    ///
    /// In the worst case nearly half of the slots are empty, and one flow in 2^8 comes to the last rule.
    static let draws = 8

    /// Returns the class for a number of endpoints, given the class so far, if there was one.
    ///
    /// A class is kept down to M/2 endpoints, where the next smaller would do, so that an endpoint that comes and
    /// goes at the boundary does not change a verdict each time: that costs the kernel a validation of the table.
    static func holding(_ endpoints: Int, current: UInt32?) -> UInt32 {
        if let current, endpoints <= current, endpoints >= max(1, current / 2) { return current }
        return all.first { $0 >= endpoints } ?? UInt32(endpointsMax)
    }
}
