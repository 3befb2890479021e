package import IngressDiscovery
package import KubernetesAPI

/// What an operator chose for a gateway that follows an API server.
package struct ClusterOptions: Sendable {
    /// Where the addresses in the status of Ingresses come from.
    package enum PublishedFrom: Hashable, Sendable {
        /// These (`--publish-status-address`).
        case list([Ingress.PublishedAddress])
        /// A Service that leads to the gateway (`--publish-service`).
        case service(NamespacedName)
        /// The nodes of the gateway's pods that are ready; their internal addresses or their external ones.
        case nodes(internal: Bool)
        /// Nowhere: no status is written (`--update-status=false`).
        case nowhere
    }

    /// The pod that this gateway is; nil outside of pods (`POD_NAMESPACE` and `POD_NAME`).
    package var pod: NamespacedName?
    /// The Lease by which the gateways agree on a leader (`--election-id`).
    package var lease = NamespacedName("default", "ingress-controller-leader")
    /// What this gateway is called in the Lease; no other may be called so.
    package var identity: String
    /// Where the addresses in the status of Ingresses come from.
    package var publishedFrom = PublishedFrom.nodes(internal: false)
    /// Whether the last gateway takes its addresses away when it ends (`--update-status-on-shutdown`).
    package var clearsStatusAtEnd = true
    /// Whether Events tell of Ingresses that are accepted (not with `--disable-sync-events`).
    package var tellsAccepted = true
    /// Whether nothing at all is written, as for a dry run.
    package var isReadOnly = false
    /// What the server's log and Events call this program.
    package var component = "fairlead-gateway"

    /// Creates the options of a gateway of a name.
    package init(identity: String) { self.identity = identity }
}
