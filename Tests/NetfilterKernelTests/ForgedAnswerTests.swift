import Glibc
import LinuxSystem
import Nftables
import Testing

@testable import NetfilterKernel

/// A program with CAP_NET_ADMIN can send netlink messages to our socket.
@Suite(.needsNetworkNamespaces)
struct ForgedAnswerTests {
    /// Sends bytes to a netlink socket of this network namespace, as the kernel does.
    private func send(_ bytes: [UInt8], to portID: UInt32) throws {
        let socket = FileDescriptor(owning: socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), 12))
        // struct sockaddr_nl: the family, two bytes of padding, the port ID and the groups.
        var address: (family: UInt16, padding: UInt16, portID: UInt32, groups: UInt32) = (
            UInt16(AF_NETLINK), 0, portID, 0
        )
        let sent = unsafe withUnsafeMutableBytes(of: &address) { address in
            // The address is as long as the call is told; every socket address may be passed as the general one.
            unsafe sendto(
                socket.number,
                bytes,
                bytes.count,
                0,
                address.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                12
            )
        }
        try #require(sent == bytes.count, "\(Errno.current)")
    }

    private func word(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } }

    /// An answer (struct nlmsgerr) to the message with a sequence number.
    private func answer(sequence: UInt32, error: Int32) -> [UInt8] {
        let header = word(36) + [2, 0, 0, 0] + word(sequence) + word(0)
        return header + word(UInt32(bitPattern: error)) + word(20) + [0, 10, 5, 0] + word(sequence) + word(0)
    }

    @Test func `answers count when the kernel sent them only`() throws {
        try inNewNetworkNamespace {
            let store = try KernelRuleset()
            // The first batch begins with the number 1; its messages have those from 2 on.
            try send(answer(sequence: 1, error: -1), to: store.portID)
            try send(answer(sequence: 2, error: -17), to: store.portID)
            try send(answer(sequence: 3, error: 0), to: store.portID)
            try store.apply(Transaction([.addTable(Fixture.table), .addSet(Fixture.table, Fixture.addresses)]))
            #expect(try store.contents(of: Fixture.table)?.sets == [Fixture.addresses])
        }
    }

    @Test func `news are news when the kernel sent them only`() throws {
        try inNewNetworkNamespace {
            let store = try KernelRuleset()
            try store.apply(Transaction(Fixture.made))
            let monitor = try RulesetMonitor(ignoringChangesBy: store.portID)
            // NFT_MSG_DELTABLE with the table's name.
            let name: [UInt8] = [13, 0, 1, 0] + Array("fairlead".utf8) + [0, 0, 0, 0]
            let forged = word(36) + [2, 10, 0, 0] + word(0) + word(0) + [2, 0, 0, 0] + name
            try send(forged, to: monitor.portID)
            #expect(try monitor.read(aboutTablesNamed: Fixture.table.name) == RulesetNews())
            try NftProgram().run("delete table ip fairlead")
            #expect(try !monitor.read(aboutTablesNamed: Fixture.table.name).changes.isEmpty)
        }
    }
}
