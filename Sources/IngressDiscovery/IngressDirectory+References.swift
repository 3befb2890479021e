package import KubernetesAPI

extension IngressDirectory {
    /// Finds which Secrets the served Ingresses and the settings name, from the changes since the last `compile`.
    ///
    /// It is asked before `compile`, so that Secrets can be fetched before anything is said about their absence.
    ///
    /// - Returns: All of them if they are others than at the last call; nil when they are the same.
    /// - Complexity: Proportional to the Ingresses that a change touched.
    package mutating func takeReferencedSecrets() -> Set<NamespacedName>? {
        var uses = secretUses ?? settings.defaultCertificate.map { [$0: 1] } ?? [:]
        var isOther = secretUses == nil
        for name in touchedIngresses {
            let former = secretsByIngress[name] ?? []
            let new = referencedSecrets(of: name)
            if former == new { continue }
            secretsByIngress[name] = new.isEmpty ? nil : new
            for secret in new.subtracting(former) {
                if uses[secret] == nil { isOther = true }
                uses[secret, default: 0] += 1
            }
            for secret in former.subtracting(new) {
                let count = uses[secret, default: 0] - 1
                if count <= 0 { isOther = true }
                uses[secret] = count > 0 ? count : nil
            }
        }
        secretUses = uses
        return isOther ? Set(uses.keys) : nil
    }

    /// The Ingress of a name if this gateway serves it; nil for all others.
    package func served(_ name: NamespacedName) -> Ingress? { readings[name]?.ingress }

    /// The Ingress of a name, whoever serves it.
    package func ingress(_ name: NamespacedName) -> Ingress? { ingresses[name] }

    /// The Service of a name.
    package func service(_ name: NamespacedName) -> Service? { services[name] }

    private func referencedSecrets(of name: NamespacedName) -> Set<NamespacedName> {
        guard let ingress = ingresses[name], selection(of: ingress).isOurs else { return [] }
        let names = ingress.tls.map(\.secretName).filter { !$0.isEmpty }
        return Set(names.map { NamespacedName(name.namespace, $0) })
    }
}
