import LoadBalancing
import Testing

struct `Small random numbers` {
    @Test func `they are those of SplitMix64`() {
        // The first outputs of the reference implementation for the seed 1234567.
        var random = SmallRandom(seed: 1_234_567)
        let numbers = (0..<5).map { _ in random.next() }
        #expect(
            numbers == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
                4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
            ]
        )
    }

    @Test(arguments: [1, 2, 3, 10, 1000])
    func `numbers below a limit are spread evenly and stay below it`(limit: Int) {
        var random = SmallRandom(seed: 42)
        var counts = Array(repeating: 0, count: limit)
        for _ in 0..<(limit * 1000) { counts[random.below(limit)] += 1 }
        // The mean of chi-square is the degrees of freedom f, its deviation the root of 2f; five deviations are allowed.
        let freedom = Double(limit - 1)
        #expect(chiSquare(counts, expected: 1000) <= freedom + 5 * (2 * freedom).squareRoot())
    }

    @Test func `a limit of zero is a mistake`() async {
        await #expect(processExitsWith: .failure) {
            var random = SmallRandom(seed: 1)
            _ = random.below(0)
        }
    }
}
