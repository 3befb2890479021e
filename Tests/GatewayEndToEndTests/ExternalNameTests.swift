import LabKit
import NetworkAddress
import Testing

/// Services that stand for a name outside of the cluster, and what DNS says of it (A.3).
@Suite(.needsLab)
final class ExternalNameTests {
    private let gateway: GatewayLab
    private let names: NameServer

    init() throws {
        gateway = try GatewayLab(options: ["--workers", "1"])
        // An address other than that of loopback, as every pod has: without one, the C library looks for no addresses.
        try gateway.lab.configure(["addr add \(GatewayLab.address)/32 dev lo"], in: gateway.namespace)
        names = try NameServer(in: gateway.namespace, at: IPAddress(10, 0, 0, 53))
        try gateway.put([Manifest.ingressClass("nginx")])
    }

    deinit {
        names.stop()
        gateway.tearDown()
    }

    /// Starts the gateway with a view of `/etc/resolv.conf` of its own.
    private func start() throws {
        let file = try gateway.lab.write(
            "nameserver 10.0.0.53\noptions timeout:1 attempts:1\n",
            to: "resolv.conf"
        )
        try gateway.start(under: [
            "unshare", "--mount", "--propagation", "private", "sh", "-c",
            "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"", file,
        ])
    }

    private func lead(_ name: String) throws {
        try gateway.put([
            """
            apiVersion: v1
            kind: Service
            metadata: {name: \(name), namespace: default}
            spec: {type: ExternalName, externalName: "\(name).outside.example.", ports: [{port: \(GatewayLab.podPort)}]}

            """,
            Manifest.ingress(name, host: name, [Manifest.Path("/", to: name, port: "number: \(GatewayLab.podPort)")]),
        ])
    }

    private func say(_ name: String, _ behaviour: NameServer.Behaviour) {
        names.answer("\(name).outside.example", with: behaviour)
    }

    private func address(_ number: Int) throws -> IPAddress {
        try #require(IPAddress(parsing: GatewayLab.podAddress(number)))
    }

    private func status(_ name: String) throws -> Int { try gateway.ask(host: name).status }

    /// Waits until a name was asked for so often, and what was said before has long been taken.
    private func awaitQuestions(_ count: Int, _ names: [String]) -> Bool {
        let start = names.map { self.names.questionCount("\($0).outside.example") }
        return eventually(within: .seconds(60)) {
            zip(names, start).allSatisfy { self.names.questionCount("\($0).outside.example") >= $1 + count }
        }
    }

    @Test func `Requests follow the addresses of a name, however long those may be kept`() throws {
        for number in 1...3 { try gateway.pod("pod-\(number)", number) }
        try lead("shop")
        try say("shop", .addresses([address(1)], seconds: 86_400))
        try start()
        #expect(try eventually { try gateway.ask(host: "shop").text == "pod-1" })
        for (numbers, seconds) in [([2], 0), ([2, 3], 86_400), ([1], 86_400)] as [([Int], UInt32)] {
            try say("shop", .addresses(numbers.map { try address($0) }, seconds: seconds))
            let expected = Set(numbers.map { "pod-\($0)" })
            #expect(
                try eventually(within: .seconds(30)) {
                    Set(try (0..<4).map { _ in try gateway.ask(host: "shop").text }) == expected
                },
                "\(numbers)"
            )
        }
        // One that leads to the gateway's own machine leads nowhere, and one beside others is left out.
        try say("shop", .addresses([IPAddress(127, 0, 0, 1), IPAddress(169, 254, 169, 254), address(2)], seconds: 1))
        #expect(try eventually(within: .seconds(30)) { try gateway.ask(host: "shop").text == "pod-2" })
        say("shop", .addresses([IPAddress(127, 0, 0, 1)], seconds: 1))
        #expect(try eventually(within: .seconds(30)) { try status("shop") == 503 })
        #expect(try gateway.gateway.output.contains("ForbiddenExternalName"))
    }

    @Test func `A name server that fails takes nothing away, and what it never told is not there`() throws {
        try gateway.pod("pod", 1)
        let failing: [(String, NameServer.Behaviour)] = [
            ("broken", .failure), ("gone", .noSuchName), ("empty", .addresses([], seconds: 1)), ("mute", .silence),
        ]
        for (name, _) in failing {
            try lead(name)
            try say(name, .addresses([address(1)], seconds: 1))
        }
        try lead("never")
        say("never", .noSuchName)
        try lead("closed")
        try say("closed", .addresses([address(9)], seconds: 1))
        try start()
        for (name, _) in failing { #expect(try eventually { try status(name) == 200 }, "\(name)") }
        #expect(try eventually { try status("closed") == 502 })
        #expect(try status("never") == 503)
        #expect(try gateway.gateway.output.contains("never.outside.example"))

        for (name, behaviour) in failing { say(name, behaviour) }
        #expect(awaitQuestions(2, failing.map(\.0)))
        for (name, _) in failing { #expect(try status(name) == 200, "\(name)") }
        #expect(try status("never") == 503)

        // What works again is followed again, and a new name does not wait behind one that is silent.
        try gateway.pod("next", 2)
        for name in ["broken", "gone", "empty", "mute", "never"] {
            try say(name, .addresses([address(2)], seconds: 1))
        }
        for name in ["broken", "gone", "empty", "mute", "never"] {
            #expect(try eventually(within: .seconds(30)) { try gateway.ask(host: name).text == "next" }, "\(name)")
        }
    }
}
