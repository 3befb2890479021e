internal import CommandLineOptions
internal import Gateway
internal import IngressDiscovery
internal import LinuxSystem

extension Arguments {
    /// What the options say about the gateway's part in a cluster.
    ///
    /// - Parameter namespace: The namespace of the kubeconfig's context, for a gateway outside of pods.
    /// - Returns: The options.
    /// - Throws: Which options exclude each other.
    func clusterOptions(namespace: String?) throws -> ClusterOptions {
        let pod = environmentVariable("POD_NAME").flatMap { name -> NamespacedName? in
            guard !name.isEmpty, let namespace = environmentVariable("POD_NAMESPACE"), !namespace.isEmpty else {
                return nil
            }
            return NamespacedName(namespace, name)
        }
        // Two processes of one host must not be taken for one; a pod that is started again may be.
        let token = String(UInt64.random(in: 0...UInt64.max), radix: 16)
        var options = ClusterOptions(identity: pod?.name ?? "\(hostName())_\(token)")
        options.pod = pod
        options.lease = NamespacedName(
            pod?.namespace ?? namespace ?? "default",
            self[GatewayCommand.electionID] ?? options.lease.name
        )
        let (service, list) = (self[GatewayCommand.publishService], self[GatewayCommand.publishAddress])
        switch (self[GatewayCommand.updateStatus] ?? true, service, list) {
        case (_, _?, _?):
            throw GatewayCommand.refusal("--publish-service and --publish-status-address exclude each other")
        case (false, _, _): options.publishedFrom = .nowhere
        case (true, let service?, nil): options.publishedFrom = .service(service)
        case (true, nil, let list?): options.publishedFrom = .list(list)
        case (true, nil, nil): options.publishedFrom = .nodes(internal: self[GatewayCommand.nodeInternalAddress])
        }
        options.clearsStatusAtEnd = self[GatewayCommand.updateStatusOnShutdown] ?? true
        options.tellsAccepted = !self[GatewayCommand.disableSyncEvents]
        return options
    }
}
