import LabKit
import Testing

/// How the program ends when it cannot begin; none of this touches the kernel.
struct `The command line of fairlead-agent` {
    struct Misuse: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let arguments: [String]
        let message: String
    }

    static let misuses = [
        Misuse(testDescription: "nothing", arguments: [], message: "give --manifests DIR"),
        Misuse(
            testDescription: "misspelt option",
            arguments: ["--manifest", "/tmp"],
            message: "unknown option --manifest; did you mean --manifests?"
        ),
        Misuse(testDescription: "option without a value", arguments: ["--manifests"], message: "--manifests"),
        Misuse(testDescription: "operand", arguments: ["--manifests", "/tmp", "more"], message: "more"),
        Misuse(
            testDescription: "two modes",
            arguments: ["--manifests", "/tmp", "--once", "--dry-run"],
            message: "--once and --dry-run exclude each other"
        ),
        Misuse(
            testDescription: "address in place of a range",
            arguments: ["--manifests", "/tmp", "--cluster-cidr", "10.244.0.0"],
            message: "--cluster-cidr: '10.244.0.0' is not valid"
        ),
        Misuse(
            testDescription: "two ranges of one family",
            arguments: ["--manifests", "/tmp", "--cluster-cidr", "10.1.0.0/16,10.2.0.0/16"],
            message: "--cluster-cidr has more than one IPv4 range"
        ),
        Misuse(
            testDescription: "primary and a range",
            arguments: ["--manifests", "/tmp", "--nodeport-addresses", "primary,10.0.0.0/8"],
            message: "--nodeport-addresses takes ranges, or \"primary\" alone"
        ),
        Misuse(
            testDescription: "log format",
            arguments: ["--manifests", "/tmp", "--log-format", "xml"],
            message: "--log-format: 'xml' is not valid; expected text or json"
        ),
    ]

    @Test(arguments: misuses)
    func `ends with 2 and one line when it makes no sense`(misuse: Misuse) throws {
        let lab = try Lab()
        let result = try lab.run([LabPrograms.path(of: "fairlead-agent")] + misuse.arguments)
        #expect(result.status == 2)
        #expect(result.error.contains(misuse.message), "\(result.error)")
        #expect(result.error.hasPrefix("fairlead-agent: "))
        #expect(result.error.split(separator: "\n").count == 1)
        #expect(result.output.isEmpty)
    }

    @Test func `ends with 1 when the directory does not exist or is none`() throws {
        let lab = try Lab()
        let agent = try LabPrograms.path(of: "fairlead-agent")
        let missing = "\(lab.directory)/missing"
        let result = try lab.run([agent, "--manifests", missing])
        #expect(result.status == 1)
        #expect(result.error.contains("the directory of manifests \(missing) does not exist"), "\(result.error)")
        let file = try lab.write("", to: "file")
        let other = try lab.run([agent, "--manifests", file])
        #expect(other.status == 1)
        #expect(other.error.contains("\(file) is not a directory"), "\(other.error)")
    }

    @Test(arguments: [["--help"], ["--version"]])
    func `answers questions with 0`(arguments: [String]) throws {
        let result = try Lab().run([LabPrograms.path(of: "fairlead-agent")] + arguments)
        #expect(result.isSuccess)
        #expect(result.output.contains("fairlead-agent"))
        #expect(result.error.isEmpty)
    }
}
