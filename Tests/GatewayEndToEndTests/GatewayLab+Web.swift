import LabKit

extension GatewayLab {
    /// A gateway that leads the host `web` to one pod of the same name, and serves already.
    static func web(
        annotations: [String: String] = [:],
        options: [String: String] = [:],
        workers: Int = 1,
        script: @escaping ScriptedBackend.Script = { try $0.answerAll() }
    ) throws -> (gateway: GatewayLab, pod: ScriptedBackend) {
        let gateway = try GatewayLab(
            options: ["--workers", "\(workers)"] + (options.isEmpty ? [] : ["--configmap", "default/options"])
        )
        let pod = try gateway.service("web", 1, script: script)
        try gateway.put([
            Manifest.ingressClass("nginx"),
            Manifest.ingress("web", host: "web", [.prefix("/", to: "web")], annotations: annotations),
        ])
        if !options.isEmpty { try gateway.put([Manifest.configMap("options", options)]) }
        try gateway.start()
        return (gateway, pod)
    }

    /// The memory of the gateway in RAM, in bytes.
    func residentBytes() throws -> Int {
        // proc(5): the second number of statm counts pages.
        let fields = try lab.runSuccessfully(["cat", "/proc/\(try gateway.pid)/statm"]).split(separator: " ")
        return (Int(fields[1]) ?? 0) * 4096
    }
}
