import LabKit
import Testing

/// What the program says and how it ends when it serves nothing.
@Suite(.needsLab)
struct CommandLineTests {
    private func run(_ arguments: [String]) throws -> CommandResult {
        try Lab().run([try LabPrograms.path(of: "fairlead-gateway")] + arguments)
    }

    @Test(
        arguments: [
            (["--http-prot", "80"], "http-port"), ([], "--manifests"), (["--manifests"], "manifests"),
            (["--manifests", "/", "--http-port", "70000"], "http-port"),
            (["--manifests", "/", "--http-port", "0", "--https-port", "0"], "nothing to serve"),
            (["--manifests", "/", "--bind-address", "here"], "bind-address"),
            (["--manifests", "/", "--access-log-format", "xml"], "access-log-format"),
            (["--manifests", "/", "--default-ssl-certificate", "name"], "default-ssl-certificate"),
            (["--manifests", "/", "extra"], "extra"),
        ] as [([String], String)]
    )
    func `A wrong command line ends with 2 and says what is wrong`(arguments: [String], word: String) throws {
        let result = try run(arguments)
        #expect(result.status == 2)
        #expect(result.error.contains(word), "\(result.error)")
        #expect(result.output.isEmpty)
    }

    @Test func `Help and version are printed`() throws {
        let help = try run(["--help"])
        #expect(help.isSuccess && help.output.contains("--default-ssl-certificate NAMESPACE/NAME"))
        let version = try run(["--version"])
        #expect(version.isSuccess && version.output.hasPrefix("fairlead-gateway "))
    }

    @Test func `What cannot be had ends with 1`() throws {
        let missing = try run(["--manifests", "/nowhere/at/all"])
        #expect(missing.status == 1 && missing.error.contains("/nowhere/at/all"), "\(missing)")
        let (gateway, _) = try GatewayLab.web()
        // SO_REUSEPORT lets workers share a port, but nothing that another program holds.
        let pod = try gateway.pod("holder", 1, port: 7777)
        _ = pod
        let taken = try gateway.lab.run(
            gateway.command([
                "--http-port", "7777", "--https-port", "0", "--healthz-port", "0", "--bind-address",
                GatewayLab.podAddress(1),
            ]),
            in: gateway.namespace
        )
        #expect(taken.status == 1 && taken.error.contains("7777"), "\(taken)")
        let log = try gateway.lab.run(
            gateway.command(["--access-log", "/nowhere/access.log", "--http-port", "7778"]).filter {
                $0 != gateway.accessLogPath
            },
            in: gateway.namespace
        )
        #expect(log.status != 0)
    }

    @Test func `A dry run prints routes, backends, certificates and every warning, and serves nothing`() throws {
        let gateway = try GatewayLab()
        try gateway.put([
            Manifest.ingressClass("nginx"), Manifest.service("web"),
            Manifest.endpoints("web", [GatewayLab.podAddress(1), GatewayLab.podAddress(2)]),
            Manifest.ingress(
                "web",
                host: "web.example",
                [.prefix("/", to: "web"), .exact("/one", to: "none")],
                annotations: ["proxy-body-size": "8m", "proxy-read-timeout": "soon", "auth-url": "http://auth"],
                secret: "missing"
            ),
        ])
        let result = try gateway.lab.run(gateway.command(["--dry-run"]), in: gateway.namespace)
        #expect(result.status == 0)
        for text in [
            "Host web.example, HTTPS", "default/web",
            "\(GatewayLab.podAddress(1)):8080,\(GatewayLab.podAddress(2)):8080",
            "proxy-read-timeout", "\"soon\"", "auth-url", "default/missing", "Certificates", "Warnings",
        ] {
            #expect(result.output.contains(text), "\(text) in\n\(result.output)")
        }
        #expect(try gateway.lab.run(gateway.command(["--dry-run"]), in: gateway.namespace).output == result.output)
    }
}
