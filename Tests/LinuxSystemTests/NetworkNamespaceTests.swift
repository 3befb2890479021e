import LabKit
import LinuxSystem
import Testing

@Suite(.enabled(if: Lab.isAvailable, "\(Lab.unavailableReason ?? "")"))
struct NetworkNamespaceTests {
    /// The number of the network namespace of the calling thread.
    private func current() throws -> UInt64 { try FileStatus(ofFileAt: "/proc/thread-self/ns/net").inode }

    @Test func `the closure runs in another namespace, each time in a new one`() throws {
        let home = try current()
        let (outer, inner, outerAgain) = try withNewNetworkNamespace {
            (try current(), try withNewNetworkNamespace { try current() }, try current())
        }
        #expect(outer == outerAgain)
        #expect(Set([home, outer, inner]).count == 3)
        #expect(try current() == home)
    }

    @Test func `programs that are started in the closure run in its namespace`() throws {
        let home = try current()
        let (inside, printed) = try withNewNetworkNamespace {
            (try current(), try Lab().runSuccessfully(["stat", "-L", "-c", "%i", "/proc/self/ns/net"]))
        }
        #expect(printed == "\(inside)\n")
        #expect(inside != home)
    }

    @Test func `what the closure throws is thrown`() {
        #expect(throws: Errno.timedOut) { try withNewNetworkNamespace { throw Errno.timedOut } }
    }
}
