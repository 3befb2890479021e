internal import KubernetesAPI

extension IngressDirectory {
    /// Takes a Service, or its absence.
    mutating func replaceService(_ name: NamespacedName, with service: Service?) {
        guard services[name] != service else { return }
        services[name] = service
        registers.backends.touch(service: name)
    }

    /// Takes a slice, or its absence; one that names another Service than before leaves that one.
    mutating func replaceSlice(_ name: NamespacedName, with slice: EndpointSlice?) {
        let owner = slice?.metadata.labels[EndpointSlice.serviceNameLabel].map { NamespacedName(name.namespace, $0) }
        if let former = serviceBySlice[name], former != owner {
            changeSource(of: former) { $0.slices[name.name] = nil }
        }
        serviceBySlice[name] = owner
        guard let owner, let slice, sources[owner]?.slices[name.name] != slice else { return }
        changeSource(of: owner) { $0.slices[name.name] = slice }
    }

    /// Takes an Endpoints object, or its absence.
    mutating func replaceEndpoints(_ name: NamespacedName, with endpoints: Endpoints?) {
        guard sources[name]?.endpoints != endpoints else { return }
        changeSource(of: name) { $0.endpoints = endpoints }
    }

    private mutating func changeSource(of service: NamespacedName, _ change: (inout EndpointSource) -> Void) {
        change(&sources[service, default: EndpointSource()])
        if sources[service]?.isVacant == true { sources[service] = nil }
        registers.backends.touch(service: service)
    }

    /// Takes a Secret, or its absence; its certificate is read when a host first wants it.
    mutating func replaceSecret(_ name: NamespacedName, with secret: Secret?) {
        guard secrets[name]?.values != secret?.values || (secrets[name] == nil) != (secret == nil) else { return }
        secrets[name] = secret
        let former = readCertificates.removeValue(forKey: name)?.certificate
        // One that is gone takes its certificate with it; one that is replaced by mistake does not.
        formerCertificates[name] = secret == nil ? nil : former ?? formerCertificates[name]
        touchedCertificates.formUnion(hostsBySecret[name, default: []])
        if name == settings.defaultCertificate { touchedDefaultCertificate = true }
    }

    /// Takes a ConfigMap, or its absence; only that of the gateway counts.
    mutating func replaceConfigMap(_ name: NamespacedName, with object: ConfigMap?) {
        guard name == settings.configMap, configMap != object else { return }
        configMap = object
        touchedOptions = true
    }

    /// Takes a namespace, or its absence; its labels count where a selector asks for them.
    mutating func replaceNamespace(_ name: String, with namespace: Namespace?) {
        let labels = namespace?.metadata.labels
        guard !settings.watchedNamespaceLabels.isEmpty, namespaceLabels[name] != labels else { return }
        namespaceLabels[name] = labels
        touchedIngresses.formUnion(ingressesByNamespace[name, default: []])
    }

    /// Takes a class, or its absence.
    mutating func replaceClass(_ name: String, with object: IngressClass?) {
        guard classes[name] != object else { return }
        let concernsClassless = classes[name]?.isDefault == true || object?.isDefault == true
        classes[name] = object
        touchedIngresses.formUnion(ingressesByClass[name, default: []])
        if concernsClassless { touchedIngresses.formUnion(ingressesByClass["", default: []]) }
    }

    /// Takes an Ingress, or its absence.
    mutating func replaceIngress(_ name: NamespacedName, with ingress: Ingress?) {
        let former = ingresses[name]
        guard former != ingress else { return }
        ingresses[name] = ingress
        if var known = former, let ingress {
            known.published = ingress.published
            if known == ingress {
                // Nobody's requests depend on what a controller says of itself.
                readings[name]?.ingress.published = ingress.published
                republishedIngresses.insert(name)
                return
            }
        }
        touchedIngresses.insert(name)
        if former?.className != ingress?.className || former == nil || ingress == nil {
            if let former { ingressesByClass.remove(name, from: former.className ?? "") }
            if let ingress { ingressesByClass[ingress.className ?? "", default: []].insert(name) }
        }
        if former == nil { ingressesByNamespace[name.namespace, default: []].insert(name) }
        if ingress == nil { ingressesByNamespace.remove(name, from: name.namespace) }
    }
}

extension [String: Set<NamespacedName>] {
    /// Takes a name out of the set of a key, and the set away when nothing is left.
    fileprivate mutating func remove(_ name: NamespacedName, from key: String) {
        self[key]?.remove(name)
        if self[key]?.isEmpty == true { self[key] = nil }
    }
}
