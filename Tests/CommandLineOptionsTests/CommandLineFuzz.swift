import CommandLineOptions
import Testing

import Glibc

/// Random command lines; `make fuzz` runs more of them.
struct CommandLineFuzz {
    @Test func `any words give a request or a one-line complaint`() {
        let pieces = [
            "-", "--", "=", ",", "v", "once", "manifests", "cluster-cidr", "a/1", "4", "help", " ", "\u{0}", "é",
        ]
        var random = SplitMix(state: 0x5eed)
        for _ in 0..<rounds {
            let words = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                (0..<Int.random(in: 0...4, using: &random))
                    .map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }
                    .joined()
            }
            do {
                guard case .run(let arguments) = try Example.command.parse(words) else { continue }
                #expect(arguments.operands.isEmpty, "operands slipped through in \(words)")
                #expect((0...10).contains(arguments[Example.level] ?? 0), "a level out of range in \(words)")
            } catch {
                #expect(error.description.hasPrefix("fairlead-example: "), "\(words)")
                #expect(error.description.hasSuffix("(see 'fairlead-example --help')"), "\(words)")
            }
        }
    }

    private var rounds: Int {
        // getenv's text stays put: nothing here changes the environment.
        guard let text = unsafe getenv("FAIRLEAD_FUZZ_ROUNDS") else { return 2000 }
        return Int(unsafe String(cString: text)) ?? 2000
    }
}

/// A small generator, so that a failing run can be repeated.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
