/// The `apiVersion` and `kind` of a document.
package struct ObjectType: Hashable, Sendable, CustomStringConvertible {
    /// The group and version, such as `v1` or `discovery.k8s.io/v1`.
    package let apiVersion: String

    /// The kind, such as `Service` or `ServiceList`.
    package let kind: String

    /// Creates a type.
    package init(apiVersion: String, kind: String) {
        self.apiVersion = apiVersion
        self.kind = kind
    }

    /// The API group; empty for the core group.
    var group: String {
        apiVersion.firstIndex(of: "/").map { String(apiVersion[..<$0]) } ?? ""
    }

    /// Whether this is a list of objects, as `kubectl get` and the API server print several.
    var isList: Bool { self == Self.list || isTypedList }

    /// The type of items that name none themselves: that of `ServiceList` is `Service`; `List` has none.
    var itemType: ObjectType? {
        isTypedList ? ObjectType(apiVersion: apiVersion, kind: String(kind.dropLast(4))) : nil
    }

    private var isTypedList: Bool {
        guard kind.hasSuffix("List"), kind != "List" else { return false }
        let item = ObjectType(apiVersion: apiVersion, kind: String(kind.dropLast(4)))
        return ObjectKind(rawValue: item.kind) != nil || item.isWellKnown
    }

    /// `v1 Service`, as messages name a type.
    package var description: String { "\(apiVersion) \(kind)" }

    private static let list = ObjectType(apiVersion: "v1", kind: "List")
}

extension ObjectKind {
    /// The values of `apiVersion` that objects of the kind are read from, the current one first.
    var apiVersions: [String] {
        switch self {
        case .service, .endpoints, .node, .pod, .secret, .configMap, .namespace: ["v1"]
        // v1beta1 has the same fields; only its `topology`, which kube-proxy stopped to read, is not looked at.
        case .endpointSlice: ["discovery.k8s.io/v1", "discovery.k8s.io/v1beta1"]
        case .serviceCIDR, .ingressClass: ["networking.k8s.io/v1", "networking.k8s.io/v1beta1"]
        // The older ones write backends otherwise; all of them are read.
        case .ingress: ["networking.k8s.io/v1", "networking.k8s.io/v1beta1", "extensions/v1beta1"]
        }
    }
}

extension ObjectType {
    /// Whether Kubernetes or one of its close companions has this kind, in any version of the group.
    ///
    /// Manifests of an application stand side by side; a Deployment beside a Service is no mistake, a `Servcie` is.
    var isWellKnown: Bool { Self.wellKnownKinds[group]?.contains(kind) ?? false }

    private static let wellKnownKinds: [String: Set<String>] = [
        "": [
            "Binding", "ComponentStatus", "ConfigMap", "Event", "LimitRange", "Namespace", "PersistentVolume",
            "PersistentVolumeClaim", "PodTemplate", "ReplicationController", "ResourceQuota", "Secret",
            "ServiceAccount",
        ],
        "admissionregistration.k8s.io": [
            "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding", "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ValidatingWebhookConfiguration",
        ],
        "apiextensions.k8s.io": ["CustomResourceDefinition"],
        "apiregistration.k8s.io": ["APIService"],
        "apps": ["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"],
        "autoscaling": ["HorizontalPodAutoscaler"],
        "autoscaling.k8s.io": ["VerticalPodAutoscaler"],
        "batch": ["CronJob", "Job"],
        "certificates.k8s.io": ["CertificateSigningRequest", "ClusterTrustBundle", "PodCertificateRequest"],
        "coordination.k8s.io": ["Lease", "LeaseCandidate"],
        "events.k8s.io": ["Event"],
        "extensions": ["DaemonSet", "Deployment", "Ingress", "NetworkPolicy", "ReplicaSet"],
        "flowcontrol.apiserver.k8s.io": ["FlowSchema", "PriorityLevelConfiguration"],
        "gateway.networking.k8s.io": [
            "BackendTLSPolicy", "GRPCRoute", "Gateway", "GatewayClass", "HTTPRoute", "ReferenceGrant", "TCPRoute",
            "TLSRoute", "UDPRoute",
        ],
        "kubeproxy.config.k8s.io": ["KubeProxyConfiguration"],
        "kustomize.config.k8s.io": ["Component", "Kustomization"],
        "networking.k8s.io": ["IPAddress", "Ingress", "IngressClass", "NetworkPolicy"],
        "node.k8s.io": ["RuntimeClass"],
        "policy": ["PodDisruptionBudget", "PodSecurityPolicy"],
        "rbac.authorization.k8s.io": ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
        "resource.k8s.io": ["DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"],
        "scheduling.k8s.io": ["PriorityClass"],
        "storage.k8s.io": [
            "CSIDriver", "CSINode", "CSIStorageCapacity", "StorageClass", "VolumeAttachment",
            "VolumeAttributesClass",
        ],
    ]
}
