internal import NetworkAddress

/// What the meaning of a Service depends on besides the objects of Services and endpoints.
struct NodeCircumstances: Sendable {
    /// The zone that this node is in, if that is known.
    var zone: String?
    /// The addresses of this node.
    var localAddresses: [IPAddress] = []
    /// Whether source ranges of another family than an address's let everybody in, as in kube-proxy.
    var failsOpenOnForeignRanges = false
}
