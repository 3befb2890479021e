import LabKit
import LinuxSystem
import Testing

/// One of a kind in a network namespace.
@Suite(.enabled(if: Lab.isAvailable, "\(Lab.unavailableReason ?? "")"))
struct NamespaceLockTests {
    /// Whether the right can be had at the moment; it is given back at once.
    private func isFree(_ name: String) throws -> Bool { try NamespaceLock.take(name) != nil }

    @Test func `the second of a kind is refused until the first has gone`() throws {
        try withNewNetworkNamespace {
            do {
                guard let first = try NamespaceLock.take("test-of-a-kind") else {
                    Issue.record("nobody else is in a new namespace")
                    return
                }
                let (same, other) = try first.hold {
                    (try isFree("test-of-a-kind"), try isFree("test-of-another-kind"))
                }
                #expect(!same)
                #expect(other)
            }
            #expect(try isFree("test-of-a-kind"))
        }
    }

    @Test func `another namespace has its own`() throws {
        try withNewNetworkNamespace {
            guard let here = try NamespaceLock.take("test-of-a-kind") else {
                Issue.record("nobody else is in a new namespace")
                return
            }
            let isFreeThere = try here.hold { try withNewNetworkNamespace { try isFree("test-of-a-kind") } }
            #expect(isFreeThere)
        }
    }

    @Test func `a name that is too long is an error`() {
        #expect(throws: Errno.self) { try isFree(String(repeating: "x", count: 200)) }
    }
}
