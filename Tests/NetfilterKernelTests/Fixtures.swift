import LabKit
import LinuxSystem
import NetfilterKernel
import NetworkAddress
import Nftables
import Testing

extension Trait where Self == ConditionTrait {
    /// Runs only where network namespaces can be made.
    static var needsNetworkNamespaces: Self { .enabled(if: Lab.isAvailable, "\(Lab.unavailableReason ?? "")") }
}

/// The table and the sets that most suites work in.
enum Fixture {
    static let table = Table(.ip, "fairlead")
    static let addresses = SetDeclaration("cluster-ips", key: [.address(.ipv4)])
    static let services = SetDeclaration(
        "services",
        key: [.address(.ipv4), .transportProtocol, .port],
        content: .verdicts
    )
    static let endpoints = SetDeclaration(
        "endpoints",
        key: [.address(.ipv4), .transportProtocol, .port, .number],
        content: .fields([.address(.ipv4), .port])
    )

    /// The nth address of 10.0.0.0/8.
    static func address(_ number: Int) -> IPAddress { IPAddress(ipv4: 10 << 24 | UInt32(number)) }

    static func element(_ number: Int) -> Element { Element(PackedFields(address(number))) }

    static func elements(_ numbers: Range<Int>) -> [Element] { numbers.map { element($0) } }

    static func endpoint(_ number: Int, to destination: Int) throws -> Element {
        let port = try #require(Port(8080))
        return Element(
            PackedFields(address(number), .tcp, port).appending(number: 0),
            .fields(PackedFields(TransportAddress(address(destination), port))),
            comment: "default/web-\(number):http"
        )
    }

    static let made: [Operation] = [.addTable(table), .addSet(table, addresses), .addSet(table, endpoints)]
}

extension RulesetStore {
    /// Applies a transaction, and returns what the store threw, or nil when it did not.
    func error(of operations: [Nftables.Operation], expecting generation: UInt32? = nil) -> RulesetError? {
        do throws(RulesetError) {
            try apply(Transaction(operations), expecting: generation)
            return nil
        } catch {
            return error
        }
    }
}

/// The failures that a store refused, or none when it did something else.
func refusals(_ error: RulesetError?) -> [OperationFailure] {
    guard case .refused(let failures)? = error else { return [] }
    return failures
}

/// The program nft, in the network namespace of the calling thread.
struct NftProgram {
    private let lab: Lab

    init() throws { lab = try Lab() }

    /// Runs a script that must succeed, and returns what nft printed.
    @discardableResult
    func run(_ script: String) throws -> String { try lab.runSuccessfully(["nft", "-f", "-"], input: script + "\n") }

    /// What `nft list ruleset` says; it must not abort, as nft does on rules that it cannot delinearise.
    func listing() throws -> String { try lab.runSuccessfully(["nft", "list", "ruleset"]) }
}

/// Expects the same elements in any order, and tells of thousands only how they differ.
func expectSame(_ found: [Element], _ expected: [Element], at location: SourceLocation = #_sourceLocation) {
    let (found, expected) = (Set(found), Set(expected))
    #expect(expected.subtracting(found).first == nil, "lacking", sourceLocation: location)
    #expect(found.subtracting(expected).first == nil, "surplus", sourceLocation: location)
}
