internal import KubernetesAPI

extension IngressDirectory {
    /// Whether an Ingress is for this gateway, and what is wrong with the way in which it says so.
    func selection(of ingress: Ingress) -> (isOurs: Bool, problems: [IngressProblem]) {
        let namespace = ingress.metadata.namespace
        if let watched = settings.watchedNamespace, namespace != watched { return (false, []) }
        if !settings.watchedNamespaceLabels.isEmpty {
            let labels = namespaceLabels[namespace, default: [:]]
            guard settings.watchedNamespaceLabels.allSatisfy({ labels[$0.key] == $0.value }) else { return (false, []) }
        }
        let (isOfClass, problems) = classSelection(of: ingress)
        guard isOfClass else { return (false, problems) }
        if settings.ignoresCatchAll, ingress.defaultBackend != nil {
            let message = "default backends are switched off for this gateway; the Ingress is left out"
            return (false, [ingress.problem(.unsupportedBackend, at: "spec.defaultBackend", message)])
        }
        return (true, problems)
    }

    private func classSelection(of ingress: Ingress) -> (isOurs: Bool, problems: [IngressProblem]) {
        if let name = ingress.className {
            if let object = classes[name] { return (isOurs(object), []) }
            guard name == settings.ingressClass else { return (false, []) }
            let message = "there is no IngressClass \(ObjectValue.quoted(name)); the Ingress is left out"
            return (false, [ingress.problem(.classNotFound, at: "spec.ingressClassName", message)])
        }
        if let name = ingress.annotations["kubernetes.io/ingress.class"], !name.isEmpty {
            return (name == settings.ingressClass, [])
        }
        if settings.watchesClassless { return (true, []) }
        // The API server writes the default class into a new Ingress. A manifest has passed by none.
        guard ingress.metadata.origin != nil else { return (false, []) }
        return (defaultClass.map(isOurs) ?? false, [])
    }

    private func isOurs(_ object: IngressClass) -> Bool {
        settings.controllerClasses.contains(object.controller)
            || (settings.matchesClassByName && object.metadata.name == settings.ingressClass)
    }

    /// The class for Ingresses without one: of several the newest, as in the API server.
    private var defaultClass: IngressClass? {
        classes.values.filter(\.isDefault).min { left, right in
            let (leftTime, rightTime) = (left.metadata.creationTimestamp ?? "", right.metadata.creationTimestamp ?? "")
            return leftTime == rightTime ? left.metadata.name < right.metadata.name : leftTime > rightTime
        }
    }
}
