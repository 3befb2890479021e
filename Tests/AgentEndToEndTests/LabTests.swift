import LabKit
import NetworkAddress
import Testing

/// The lab itself: if these fail, look here before the agent.
@Suite(.enabled(if: Lab.isAvailable, "\(Lab.unavailableReason ?? "")"))
struct `The lab` {
    @Test(arguments: AddressFamily.allCases)
    func `a pod answers the client directly, and sees its address`(family: AddressFamily) throws {
        let lab = try ServiceLab(pods: 1)
        let target = try #require(Port(ServiceLab.echoPort)).at(lab.pods[0].address(family))
        for transport in [TransportProtocol.tcp, .udp] {
            let summary = try lab.probe(transport, target, from: lab.client, count: 5)
            #expect(summary.ok == 5, "\(transport): \(summary)")
            #expect(summary.pods == ["web-1": 5])
            #expect(summary.clients == [ServiceLab.clientAddress(family): 5])
        }
    }

    @Test(arguments: AddressFamily.allCases)
    func `pods and the node reach a pod too`(family: AddressFamily) throws {
        let lab = try ServiceLab(pods: 2)
        let target = try #require(Port(ServiceLab.echoPort)).at(lab.pods[0].address(family))
        let fromPod = try lab.probe(.tcp, target, from: lab.pods[1].namespace)
        #expect(fromPod.clients == ["\(lab.pods[1].address(family))": 1])
        #expect(try lab.probe(.tcp, target, from: lab.node).ok == 1)
    }

    @Test func `a port where nobody listens refuses, and an address where nobody lives is silent`() throws {
        let lab = try ServiceLab(pods: 1)
        for transport in [TransportProtocol.tcp, .udp] {
            #expect(try lab.probe(transport, "10.244.1.11:9", from: lab.client).refused == 1)
            #expect(
                try lab.probe(transport, "10.96.0.80:80", from: lab.client, timeoutMilliseconds: 100).timeout == 1
            )
            #expect(
                try lab.probe(transport, "10.96.0.80:80", from: lab.node, timeoutMilliseconds: 100).timeout == 1
            )
        }
    }

    @Test func `an HTTP answer tells the pod and the client`() throws {
        let lab = try ServiceLab(pods: 1)
        let answer = try lab.lab.runSuccessfully(
            ["curl", "-sS", "--max-time", "5", "http://10.244.1.11:\(ServiceLab.httpPort)/x"],
            in: lab.client
        )
        #expect(answer.hasPrefix("pod: web-1\nclient: 192.168.50.2:"))
        #expect(answer.contains("\nserver: 10.244.1.11:8080\nrequest: GET /x HTTP/1.1\n"))
    }

    @Test func `a kept connection lives until its pod is gone`() throws {
        let lab = try ServiceLab(pods: 1)
        let target = "10.244.1.11:\(ServiceLab.echoPort)"
        let probe = try lab.lab.start(
            [
                LabPrograms.path(of: "fairlead-echo"), "probe", "tcp", target, "--keep-connection", "--count", "12",
                "--interval", "50",
            ],
            in: lab.client,
            ready: "ok web-1"
        )
        lab.pods[0].server.kill()
        #expect(probe.waitForEnd() == 0)
        // Answers from one port, then the reset of the kept connection, then refusals.
        let answers = probe.lines.prefix { $0.hasPrefix("ok web-1 client=192.168.50.2:") }
        #expect(Set(answers.map { $0.split(separator: " ")[2] }).count == 1)
        let rest = probe.lines.dropFirst(answers.count).dropLast()
        #expect(rest.first?.hasPrefix("unreachable") == true, "\(probe.output)")
        #expect(rest.dropFirst().allSatisfy { $0.hasPrefix("refused") }, "\(probe.output)")
        #expect(probe.lines.count == 13)
    }

    @Test func `a probe in the background is summed up at its end`() throws {
        let lab = try ServiceLab(pods: 1)
        let target = "[fd00:10:244:1::11]:\(ServiceLab.echoPort)"
        let probe = try lab.startProbe(.udp, target, from: lab.client, options: ["--duration", "1", "--interval", "1"])
        let summary = try lab.summary(of: probe)
        #expect(summary.tries > 1)
        #expect(summary.ok == summary.tries)
        #expect(summary.maxMilliseconds > 0)
    }

    @Test func `a pod can join while the lab runs`() throws {
        let lab = try ServiceLab(pods: 1)
        let pod = try lab.addPod()
        #expect(pod.name == "web-2")
        #expect(try lab.probe(.udp, "\(pod.ipv4):\(ServiceLab.echoPort)", from: lab.pods[0].namespace).ok == 1)
    }

    @Test func `teardown leaves no namespace, process or file`() throws {
        let observer = try Lab()
        let lab = try ServiceLab(pods: 2)
        let names = [lab.client.name, lab.node.name] + lab.pods.map(\.namespace.name)
        let servers = lab.pods.map(\.server)
        let before = try observer.runSuccessfully(["ip", "netns", "list"])
        #expect(names.allSatisfy(before.contains))
        lab.tearDown()
        let after = try observer.runSuccessfully(["ip", "netns", "list"])
        #expect(!names.contains(where: after.contains))
        #expect(!servers.contains { $0.isRunning })
        #expect(try !observer.run(["ls", lab.lab.directory]).isSuccess)
    }

    @Test func `a lab that is dropped tears itself down`() throws {
        let observer = try Lab()
        var name = ""
        do {
            let lab = try Lab()
            let namespace = try lab.makeNamespace("dropped")
            name = namespace.name
            _ = try lab.start(["sleep", "600"], in: namespace)
        }
        #expect(try !observer.runSuccessfully(["ip", "netns", "list"]).contains(name))
    }
}

/// Running programs, which needs no namespace.
struct `Programs of a lab` {
    @Test func `output, errors, input and status come back apart`() throws {
        let lab = try Lab()
        let result = try lab.run(["sh", "-c", "cat; echo wrong >&2; exit 3"], input: "given\n")
        #expect(result.status == 3)
        #expect(result.output == "given\n")
        #expect(result.error == "wrong\n")
        #expect(try lab.run(["sh", "-c", "kill -9 $$"]).status == 137)
    }

    @Test func `a command that must succeed says what it printed when it does not`() throws {
        let lab = try Lab()
        let error = #expect(throws: LabError.self) { try lab.runSuccessfully(["sh", "-c", "echo why >&2; false"]) }
        #expect(error?.description == "'sh -c echo why >&2; false' failed with status 1: why\n")
    }

    @Test func `a command that does not end in time is ended`() throws {
        let lab = try Lab()
        #expect(throws: LabError.self) { try lab.run(["sleep", "600"], timeout: .milliseconds(50)) }
    }

    @Test func `a program that does not exist is an error at once`() throws {
        let lab = try Lab()
        #expect(throws: LabError.self) { try lab.run(["/nonexistent/program"]) }
    }

    @Test func `a background program is waited for, and its last words are shown when it ends early`() throws {
        let lab = try Lab()
        let process = try lab.start(["sh", "-c", "echo one; echo ready now; sleep 600"], ready: "ready")
        #expect(process.isRunning)
        #expect(process.lines == ["one", "ready now"])
        #expect(process.stop() == 128 + 15)
        let error = #expect(throws: LabError.self) {
            try lab.start(["sh", "-c", "echo broken; exit 1"], ready: "ready")
        }
        #expect(error?.description.contains("it printed: broken") == true)
    }

    @Test func `files of a lab are written whole and go away with it`() throws {
        let observer = try Lab()
        var path = ""
        do {
            let lab = try Lab()
            path = try lab.write("kind: Service\n", to: "web.yaml")
            #expect(try observer.runSuccessfully(["cat", path]) == "kind: Service\n")
        }
        #expect(try !observer.run(["cat", path]).isSuccess)
    }
}

extension Port {
    /// The port at an address, as `ADDRESS:PORT`.
    fileprivate func at(_ address: IPAddress) -> String { TransportAddress(address, self).description }
}
