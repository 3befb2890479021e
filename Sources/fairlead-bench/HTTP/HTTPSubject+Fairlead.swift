internal import LabKit
internal import LinuxSystem

extension HTTPSubject {
    /// The gateway as in production, with one worker: manifests as a cluster would have them.
    func prepareFairlead(_ setting: Setting, in lab: Lab) throws -> [String] {
        let folder = "fairlead-\(setting.hosts)"
        let manifests = "\(lab.directory)/\(folder)"
        // It may be there: a subject is started more than once.
        try makeDirectory(at: manifests)
        try lab.write(try Self.clusterManifest(in: lab), to: "\(folder)/cluster.yaml")
        let perFile = 500
        for start in stride(from: 0, to: setting.hosts, by: perFile) {
            let hosts = start..<min(start + perFile, setting.hosts)
            try lab.write(hosts.map(Self.ingressManifest).joined(), to: "\(folder)/hosts-\(start).yaml")
        }
        return [
            setting.gateway, "--manifests", manifests, "--bind-address", "127.0.0.1", "--http-port", "\(plainPort)",
            "--https-port", "\(tlsPort)", "--healthz-port", "\(statisticsPort)", "--workers", "1",
            "--watch-ingress-without-class", "--configmap", "bench/options", "--default-ssl-certificate", "bench/tls",
            "--access-log", "\(setting.directory)/fairlead.access",
        ]
    }

    private static func clusterManifest(in lab: Lab) throws -> String {
        func encoded(_ name: String) throws -> String {
            try lab.runSuccessfully(["base64", "-w0", "\(lab.directory)/\(name)"])
        }
        let endpoints = Backend.addresses.map { "- {addresses: [\"\($0)\"], conditions: {ready: true}}" }
        return """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: options, namespace: bench}
            data:
              hsts: "false"
              keep-alive: "\(idleSeconds)"
              keep-alive-requests: "\(requestsPerConnection)"
              upstream-keepalive-connections: "\(idleUpstreams)"
              upstream-keepalive-requests: "\(requestsPerConnection)"
              upstream-keepalive-timeout: "\(idleSeconds)"
            ---
            apiVersion: v1
            kind: Secret
            type: kubernetes.io/tls
            metadata: {name: tls, namespace: bench}
            data:
              tls.crt: \(try encoded("cert.pem"))
              tls.key: \(try encoded("key.pem"))
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: backend, namespace: bench}
            spec:
              clusterIP: 10.96.0.1
              ports:
              - {name: http, port: 80, targetPort: \(Backend.port), protocol: TCP}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata:
              name: backend-1
              namespace: bench
              labels: {kubernetes.io/service-name: backend}
            addressType: IPv4
            ports:
            - {name: http, port: \(Backend.port), protocol: TCP}
            endpoints:
            \(endpoints.joined(separator: "\n"))

            """
    }

    private static func ingressManifest(_ number: Int) -> String {
        """
        ---
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: host-\(number), namespace: bench}
        spec:
          rules:
          - host: \(host(number))
            http:
              paths:
              - path: /
                pathType: Prefix
                backend: {service: {name: backend, port: {name: http}}}

        """
    }
}
