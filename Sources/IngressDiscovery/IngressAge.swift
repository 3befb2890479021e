internal import KubernetesAPI

extension Ingress {
    /// Whether this Ingress goes before another where both want one thing.
    ///
    /// The older one does, and one of known age before one of unknown age. Among those of one age the later name in the
    /// alphabet does, as in ingress-nginx.
    func goesBefore(_ other: Ingress) -> Bool {
        switch (metadata.creationTimestamp, other.metadata.creationTimestamp) {
        case (let own?, let theirs?) where own != theirs: own < theirs
        case (.some, nil): true
        case (nil, .some): false
        default: hasLaterName(than: other)
        }
    }

    /// Whether `namespace/name` comes later; texts are put together only where namespaces differ.
    private func hasLaterName(than other: Ingress) -> Bool {
        if metadata.namespace == other.metadata.namespace { return metadata.name > other.metadata.name }
        return name.description > other.name.description
    }
}
