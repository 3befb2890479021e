internal import KubernetesAPI

/// Whether load balancers should send flows to this node, as far as its object tells (KEP-3836).
package enum NodeEligibility: Hashable, Sendable {
    /// They should.
    case eligible
    /// The node's object is not known.
    case unknown
    /// The node's object is being deleted.
    case beingDeleted
    /// The cluster autoscaler is about to remove the node.
    case toBeRemoved

    /// Judges a node.
    init(of node: Node?) {
        guard let node else {
            self = .unknown
            return
        }
        self =
            if node.metadata.isBeingDeleted {
                .beingDeleted
            } else if node.taintKeys.contains("ToBeDeletedByClusterAutoscaler") {
                .toBeRemoved
            } else {
                .eligible
            }
    }
}
