internal import IngressDiscovery
internal import KubernetesAPI
internal import ListWatch

/// What a gateway follows besides Secrets.
enum GatewayResources {
    /// The resources to follow from the beginning.
    static func resources(settings: IngressSettings, publishing: NamespacedName?) -> [WatchedResource] {
        let namespace = settings.watchedNamespace
        var resources = [
            WatchedResource(
                group: networking,
                plural: "ingresses",
                kind: .ingress,
                namespace: namespace
            ), WatchedResource(group: networking, plural: "ingressclasses", kind: .ingressClass),
            WatchedResource(plural: "services", kind: .service, namespace: namespace),
            WatchedResource(group: discovery, plural: "endpointslices", kind: .endpointSlice, namespace: namespace),
        ]
        if let name = settings.configMap {
            resources.append(
                WatchedResource(
                    plural: "configmaps",
                    kind: .configMap,
                    namespace: name.namespace,
                    fieldSelector: "metadata.name=\(name.name)"
                )
            )
        }
        if !settings.watchedNamespaceLabels.isEmpty {
            let labels = settings.watchedNamespaceLabels.map { "\($0.key)=\($0.value)" }.sorted()
            resources.append(
                WatchedResource(plural: "namespaces", kind: .namespace, labelSelector: labels.joined(separator: ","))
            )
        }
        for service in Set([settings.defaultBackendService, publishing].compactMap(\.self)).sorted()
        where namespace != nil && service.namespace != namespace {
            resources += [
                WatchedResource(
                    plural: "services",
                    kind: .service,
                    namespace: service.namespace,
                    fieldSelector: "metadata.name=\(service.name)"
                ),
                WatchedResource(
                    group: discovery,
                    plural: "endpointslices",
                    kind: .endpointSlice,
                    namespace: service.namespace,
                    labelSelector: "kubernetes.io/service-name=\(service.name)"
                ),
            ]
        }
        return resources
    }

    private static let networking = "networking.k8s.io"
    private static let discovery = "discovery.k8s.io"
}
