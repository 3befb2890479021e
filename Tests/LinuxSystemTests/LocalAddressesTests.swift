import Glibc
import LabKit
import LinuxSystem
import NetworkAddress
import Testing

@Suite(.enabled(if: Lab.isAvailable, "\(Lab.unavailableReason ?? "")"))
struct LocalAddressesTests {
    private static let loopback = [IPAddress(127, 0, 0, 1), IPAddress(family: .ipv6, bits: 1)]

    /// Runs a closure in a network namespace with its loopback up, with `ip -batch` to change it.
    ///
    /// What the closure returns is judged outside: the test library knows its own threads alone.
    private func namespace<Result>(_ body: (_ ip: (String) throws -> Void) throws -> Result) throws -> Result {
        try withNewNetworkNamespace {
            let lab = try Lab()
            func ip(_ commands: String) throws {
                try lab.runSuccessfully(["ip", "-batch", "-"], input: commands + "\n")
            }
            try ip("link set lo up")
            return try body(ip)
        }
    }

    private func isReadable(_ descriptor: Int32) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // One structure, as the count says.
        return unsafe poll(&request, 1, 0) == 1
    }

    @Test func `an empty namespace has no addresses`() throws {
        #expect(try withNewNetworkNamespace { try LocalAddresses.current() } == [])
    }

    @Test func `the addresses of all interfaces are told once each, sorted`() throws {
        let addresses = try namespace { ip in
            try ip(
                """
                link add one type veth peer name two
                addr add 192.0.2.9/24 dev one
                addr add 192.0.2.1/24 dev two
                addr add 127.0.0.1/32 dev two
                addr add 2001:db8::1/64 dev one nodad
                """
            )
            return try LocalAddresses.current()
        }
        let expected =
            Self.loopback + [
                IPAddress(192, 0, 2, 1), IPAddress(192, 0, 2, 9), try #require(IPAddress(parsing: "2001:db8::1")),
            ]
        #expect(addresses == expected.sorted())
    }

    @Test(arguments: ["addr add 192.0.2.1/24 dev lo", "addr add 2001:db8::1/64 dev lo", "addr del 127.0.0.1/8 dev lo"])
    func `a change is news until it is drained`(_ change: String) throws {
        let readable = try namespace { ip in
            let news = try LocalAddresses()
            let before = isReadable(news.descriptor)
            try ip(change)
            let after = isReadable(news.descriptor)
            news.drain()
            return [before, after, isReadable(news.descriptor)]
        }
        #expect(readable == [false, true, false])
    }

    @Test func `a change of a link's other properties is no news`() throws {
        let isNews = try namespace { ip in
            let news = try LocalAddresses()
            try ip("link set lo mtu 1500")
            return isReadable(news.descriptor)
        }
        #expect(!isNews)
    }

    @Test func `news that overran the queue are drained too, and those after them are told`() throws {
        let (readable, count) = try namespace { ip in
            let news = try LocalAddresses()
            // Far more than a queue of the usual size holds.
            let added = (0..<2_000).map { "addr add 10.0.\($0 / 250).\($0 % 250 + 1)/32 dev lo" }
            try ip(added.joined(separator: "\n"))
            var readable = [isReadable(news.descriptor)]
            news.drain()
            readable.append(isReadable(news.descriptor))
            try ip("addr add 192.0.2.1/24 dev lo")
            readable.append(isReadable(news.descriptor))
            return (readable, try LocalAddresses.current().count)
        }
        #expect(readable == [true, false, true])
        #expect(count == 2_003)
    }
}
