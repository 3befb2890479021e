internal import CommandLineOptions
internal import KubernetesAPI
internal import LinuxSystem
internal import NetworkAddress

/// `fairlead-bench manifests`: the synthetic cluster as files, for measuring a whole agent.
enum ManifestsCommand {
    private static let services = CommandOption(
        "services",
        "N",
        "How many Services; 10000 by default.",
        in: 1...200_000
    )
    private static let endpoints = CommandOption(
        "endpoints",
        "M",
        "How many endpoints each has; 2 by default.",
        in: 1...64
    )
    private static let output = CommandOption("output", "DIR", "The directory to write to; it is made if need be.")

    /// How many Services one file holds, with their slices.
    private static let servicesPerFile = 500

    static let declaration = Command(
        "fairlead-bench manifests",
        "Writes the manifests of a synthetic cluster: Services, and an EndpointSlice for each.",
        options: [services, endpoints, output]
    )

    static func run(_ arguments: Arguments) throws {
        guard let directory = arguments[output] else {
            throw UsageError(message: "--output DIR is missing", command: declaration.name)
        }
        let cluster = SyntheticCluster(
            services: arguments[services] ?? 10_000,
            endpoints: arguments[endpoints] ?? 2,
            family: .ipv4
        )
        try makeDirectory(at: directory)
        for start in stride(from: 0, to: cluster.services, by: servicesPerFile) {
            let indices = start..<min(start + servicesPerFile, cluster.services)
            let text = indices.map { manifest(of: $0, in: cluster) }.joined()
            try writeFile(text, at: "\(directory)/services-\(start).yaml")
        }
    }

    private static func manifest(of index: Int, in cluster: SyntheticCluster) -> String {
        let service = cluster.service(index)
        let addresses = (0..<cluster.endpoints).map { number in
            """
            - addresses: ["\(cluster.endpoint(index, number))"]
              nodeName: other-node
              conditions: {ready: true, serving: true, terminating: false}
            """
        }
        return """
            apiVersion: v1
            kind: Service
            metadata:
              name: \(service.metadata.name)
              namespace: \(service.metadata.namespace)
            spec:
              clusterIP: \(service.clusterIPs[0])
              ports:
              - {name: http, port: 80, targetPort: 8080, protocol: TCP}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata:
              name: \(service.metadata.name)-abcde
              namespace: \(service.metadata.namespace)
              labels:
                kubernetes.io/service-name: \(service.metadata.name)
            addressType: IPv4
            ports:
            - {name: http, port: 8080, protocol: TCP}
            endpoints:
            \(addresses.joined(separator: "\n"))
            ---

            """
    }
}
