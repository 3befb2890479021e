import KubernetesAPI
import Testing

@testable import Manifests

struct `A long file` {
    /// Forms a text of as many Services.
    private static func text(_ count: Int, _ format: ManifestFormat) -> String {
        switch format {
        case .yaml: (0..<count).map { serviceText("service-\($0)") }.joined()
        case .json:
            #"{"apiVersion":"v1","kind":"List","items":["#
                + (0..<count).map { serviceJSON("service-\($0)") }.joined(separator: ",\n") + "]}"
        }
    }

    /// The best of three times, since other work on the machine only ever adds to it.
    private static func time(_ text: String, _ format: ManifestFormat, expecting count: Int) throws -> Duration {
        let times = (0..<3).map { _ in
            ContinuousClock().measure { #expect(contents(of: text, format).decoded.objects.count == count) }
        }
        return try #require(times.min())
    }

    @Test(arguments: [ManifestFormat.yaml, .json])
    func `takes time in proportion to its length`(_ format: ManifestFormat) throws {
        let short = try Self.time(Self.text(1000, format), format, expecting: 1000)
        let long = try Self.time(Self.text(8000, format), format, expecting: 8000)
        // Eight times as much in a straight line, sixty-four times if every object were touched for each other.
        #expect(long < short * 24)
    }
}
