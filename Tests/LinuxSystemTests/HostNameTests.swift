import LinuxSystem
import Testing

struct HostNameTests {
    @Test func `the name is the kernel's`() throws {
        #expect(try readFile(at: "/proc/sys/kernel/hostname") == hostName() + "\n")
    }
}
