import APIServerTestKit
import KubeConfig
import KubernetesAPI
import ListWatch
import Testing

@testable import ClusterState

@Suite(.serialized) struct `Credentials` {
    private func server(token: String) throws -> StandInAPIServer {
        let server = try StandInAPIServer()
        server.behave { $0.tokens = [token] }
        server.apply(service("a"), to: Paths.services)
        return server
    }

    /// A program that prints a token that it reads from a file, and counts its runs.
    private func plugin(_ folder: TemporaryFolder, expiry: String = "") throws -> ExecPlugin {
        let version = "client.authentication.k8s.io/v1"
        let output = #"{"apiVersion":"\#(version)","kind":"ExecCredential","status":{\#(expiry)"token":"%s"}}"#
        try folder.write(
            "plugin",
            """
            echo "$KUBERNETES_EXEC_INFO $EXTRA $1" >> \(folder.path("runs"))
            printf '\(output)' "$(cat \(folder.path("token")))"
            """
        )
        var plugin = ExecPlugin(apiVersion: version, command: "sh")
        plugin.arguments = [folder.path("plugin"), "argument"]
        plugin.environment = ["EXTRA": "more"]
        return plugin
    }

    @Test func `come from a program, which runs once until they are refused`() throws {
        let folder = try TemporaryFolder()
        try folder.write("token", "first")
        let server = try server(token: "first")
        defer { server.stop() }
        var access = access(to: server)
        access.credential = .exec(try plugin(folder))
        let reader = try Reader(access, [.services, .endpointSlices])
        #expect(reader.run { reader.names == ["a"] })
        let line =
            #"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false}}"#
        #expect(try folder.read("runs") == "\(line) more argument\n")

        try folder.write("token", "second")
        server.behave { $0.tokens = ["second"] }
        server.hangUp()
        server.apply(service("b"), to: Paths.services)
        #expect(reader.run { reader.names == ["a", "b"] })
        #expect(reader.removals == [])
    }

    @Test func `come from a program that takes its time, for which nobody turns in circles`() throws {
        let folder = try TemporaryFolder()
        try folder.write("token", "late")
        let server = try server(token: "late")
        defer { server.stop() }
        var plugin = try plugin(folder)
        plugin.arguments = ["-c", "sleep 1; exec sh \"$0\""] + plugin.arguments
        var access = access(to: server)
        access.credential = .exec(plugin)
        for resources in [[], [WatchedResource.services]] {
            let reader = try Reader(access, resources)
            _ = reader.source.enqueue(APIRequest(.put, "/x", body: "{}"))
            var results: [APIResult] = []
            var steps = 0
            #expect(
                reader.run {
                    steps += 1
                    results += reader.source.takeResults()
                    return !results.isEmpty
                }
            )
            #expect(try results.map { try $0.outcome.get().status } == [201])
            // The reader looks every fifty milliseconds by itself.
            #expect(steps < 200, "\(steps)")
        }
    }

    @Test func `come from a program that has nothing to give`() throws {
        let server = try server(token: "x")
        defer { server.stop() }
        for (command, reason) in [
            ("fairlead-no-such-program", "it cannot be run: No such file or directory; get it elsewhere"),
            ("false", "it ended with status 1"), ("true", "its output is no JSON"),
        ] {
            var plugin = ExecPlugin(apiVersion: ExecPlugin.apiVersions[0], command: command)
            plugin.installHint = "get it elsewhere"
            var access = access(to: server)
            access.credential = .exec(plugin)
            let reader = try Reader(access)
            #expect(reader.run { !reader.problems.isEmpty })
            let message = try #require(reader.problems.first?.message)
            #expect(message.hasPrefix("cannot watch services: exec \(command): \(reason)"), "\(message)")
        }
    }

    @Test func `are a token or a password in the file`() throws {
        let server = try server(token: "fixed")
        defer { server.stop() }
        var access = access(to: server)
        access.credential = .token("fixed")
        let reader = try Reader(access)
        #expect(reader.run { reader.names == ["a"] })
        access.credential = .password(user: "u", password: "p:q")
        let other = try Reader(access)
        #expect(other.run { server.requests.contains { $0.fields["authorization"] == "Basic dTpwOnE=" } })
    }

    @Test func `are missing in their file`() throws {
        let server = try server(token: "x")
        defer { server.stop() }
        var access = access(to: server)
        access.credential = .tokenFile("/nonexistent/token")
        let reader = try Reader(access)
        #expect(reader.run { !reader.problems.isEmpty })
        #expect(
            reader.problems.first?.message
                == "cannot watch services: tokenFile: the file /nonexistent/token cannot be read: No such file or directory"
        )
    }

    @Test func `are for a server that is found by its name`() throws {
        let server = try server(token: "fixed")
        defer { server.stop() }
        var access = access(to: server)
        access.server.host = "localhost"
        access.credential = .token("fixed")
        let reader = try Reader(access)
        #expect(reader.run { reader.names == ["a"] })
        #expect(server.requests.first?.fields["host"]?.hasPrefix("localhost:") == true)

        access.server.host = "no-such-host.invalid"
        let lost = try Reader(access)
        #expect(lost.run { !lost.problems.isEmpty })
        #expect(lost.problems.first?.message.hasPrefix("cannot watch services: no-such-host.invalid: ") == true)
    }
}
