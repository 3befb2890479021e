import LinuxSystem
import NodeAgent
import Testing

struct `Parameters of connection tracking` {
    @Test(arguments: [
        (perProcessor: 32768, minimum: 131_072, processors: 1, expected: 131_072),
        (perProcessor: 32768, minimum: 131_072, processors: 4, expected: 131_072),
        (perProcessor: 32768, minimum: 131_072, processors: 8, expected: 262_144),
        (perProcessor: 32768, minimum: 131_072, processors: 32, expected: 1_048_576),
        (perProcessor: 32768, minimum: 131_072, processors: 256, expected: 1_048_576),
        (perProcessor: 32768, minimum: 2_000_000, processors: 256, expected: 2_000_000),
        (perProcessor: 1, minimum: 0, processors: 2, expected: 2),
    ])
    func `the limit grows with the processors, between the minimum and a million`(
        perProcessor: Int,
        minimum: Int,
        processors: Int,
        expected: Int
    ) {
        var settings = ConntrackSettings()
        settings.maximumPerProcessor = perProcessor
        settings.minimum = minimum
        #expect(settings.maximum(processors: processors) == expected)
        #expect(settings.buckets(processors: processors) == expected / 4)
    }

    @Test func `without a number for each processor the limit is left alone`() {
        var settings = ConntrackSettings()
        settings.minimum = 131_072
        #expect(settings.maximum(processors: 8) == nil)
        #expect(settings.buckets(processors: 8) == nil)
        #expect(settings.parameters(processors: 8).isEmpty)
    }

    @Test func `every setting is a parameter of the kernel`() {
        var settings = ConntrackSettings()
        settings.maximumPerProcessor = 100
        settings.tcpEstablishedSeconds = 1
        settings.tcpCloseWaitSeconds = 2
        settings.isTCPLiberal = true
        settings.udpSeconds = 3
        settings.udpStreamSeconds = 4
        let parameters = settings.parameters(processors: 2)
        #expect(
            parameters.map(\.parameter.path) == [
                "/proc/sys/net/netfilter/nf_conntrack_max",
                "/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established",
                "/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_close_wait",
                "/proc/sys/net/netfilter/nf_conntrack_tcp_be_liberal",
                "/proc/sys/net/netfilter/nf_conntrack_udp_timeout",
                "/proc/sys/net/netfilter/nf_conntrack_udp_timeout_stream",
            ]
        )
        #expect(parameters.map(\.value) == [200, 1, 2, 1, 3, 4])
    }
}
