internal import KubernetesAPI
internal import TLS

/// What is presented to the clients of a host, and how that was found.
private struct CertificateChoice {
    var certificates: [TLSCertificate] = []
    var secrets: Set<NamespacedName> = []
    var problems: [IngressProblem] = []
}

extension IngressDirectory {
    /// Chooses the certificates of the touched hosts, and that of all others.
    ///
    /// - Returns: The new table, or nil when nothing has changed.
    mutating func compileCertificates(_ work: inout IngressCompilation.Work) -> CertificateTable? {
        var changes: [CertificateTable.Change] = []
        for host in touchedCertificates.sorted() where !host.isEmpty {
            work.certificates += 1
            if let change = chooseCertificates(of: host) { changes.append(change) }
        }
        touchedCertificates.removeAll()
        let former = certificates
        if !changes.isEmpty { certificates = certificates.applying(changes) }
        compileDefaultCertificate()
        return certificates === former ? nil : certificates
    }

    private mutating func chooseCertificates(of host: String) -> CertificateTable.Change? {
        let choice = choice(for: host)
        ledger.replace(of: .certificates(host), with: choice.problems)
        guard let former = hosts[host] else { return nil }
        for secret in former.secrets.subtracting(choice.secrets) {
            hostsBySecret[secret]?.remove(host)
            if hostsBySecret[secret]?.isEmpty == true {
                hostsBySecret[secret] = nil
                if secret != settings.defaultCertificate { forgetReading(of: secret) }
            }
        }
        for secret in choice.secrets.subtracting(former.secrets) { hostsBySecret[secret, default: []].insert(host) }
        hosts[host]?.secrets = choice.secrets
        hosts[host]?.certificates = choice.certificates
        if hosts[host]?.isVacant == true { hosts[host] = nil }
        if former.certificates.elementsEqual(choice.certificates, by: ===) { return nil }
        if choice.certificates.isEmpty { return .remove(host) }
        return .set(host, CertificateTable.Host(certificates: choice.certificates))
    }

    private mutating func choice(for host: String) -> CertificateChoice {
        var choice = CertificateChoice()
        let readings = readings(of: host).filter(\.asksForHTTPS)
        guard let owner = readings.first?.ingress else { return choice }
        let named = owner.tls.filter { $0.hosts.contains(host) }
        if named.isEmpty {
            chooseByName(of: host, owner, &choice)
        } else {
            for entry in named where !entry.secretName.isEmpty { chooseNamed(entry, of: host, owner, &choice) }
        }
        for reading in readings.dropFirst() {
            for entry in reading.ingress.tls where entry.hosts.contains(host) && !entry.secretName.isEmpty {
                let secret = NamespacedName(reading.ingress.metadata.namespace, entry.secretName)
                guard !choice.secrets.contains(secret) else { continue }
                choice.problems.append(
                    reading.ingress.problem(
                        .conflict,
                        at: "spec.tls[\(entry.position)].secretName",
                        "the certificate of host \(host) is already that of Ingress \(owner.name); this one is not presented"
                    )
                )
            }
        }
        return choice
    }

    /// Takes the certificate of an entry that names the host.
    private mutating func chooseNamed(
        _ entry: Ingress.TLS,
        of host: String,
        _ owner: Ingress,
        _ choice: inout CertificateChoice
    ) {
        let secret = NamespacedName(owner.metadata.namespace, entry.secretName)
        let field = "spec.tls[\(entry.position)].secretName"
        let isNew = choice.secrets.insert(secret).inserted
        let outcome = "host \(host) gets the default certificate"
        let reading = reading(of: secret)
        switch reading {
        case nil:
            let message = "there is no Secret \(secret); \(outcome)"
            choice.problems.append(owner.problem(.secretNotFound, at: field, message))
        case .unusable(let reason)?:
            let message = "Secret \(secret) \(reason); \(outcome)"
            choice.problems.append(owner.problem(.invalidCertificate, at: field, message))
        case .certificate(let certificate)?, .outdated(let certificate, _)?:
            guard certificate.covers(host: host) else {
                let names = certificate.names.prefix(3).joined(separator: ", ")
                let shown = names.isEmpty ? "no name at all" : names
                let message = "the certificate of Secret \(secret) is for \(shown); \(outcome)"
                choice.problems.append(owner.problem(.certificateMismatch, at: field, message))
                return
            }
            reportOutdated(reading, of: secret, owner, at: field, &choice)
            guard isNew else { return }
            if choice.certificates.contains(where: { $0.keyType == certificate.keyType }) {
                let message = "an earlier entry has a certificate with the same kind of key; this one is not presented"
                choice.problems.append(owner.problem(.conflict, at: field, message))
            } else {
                choice.certificates.append(certificate)
            }
        }
    }

    private func reportOutdated(
        _ reading: SecretReading?,
        of secret: NamespacedName,
        _ owner: Ingress,
        at field: String,
        _ choice: inout CertificateChoice
    ) {
        guard case .outdated(_, let reason)? = reading else { return }
        let message = "Secret \(secret) \(reason); the certificate that it held before is presented"
        choice.problems.append(owner.problem(.outdatedCertificate, at: field, message))
    }

    /// Takes the first certificate that covers the host, where no entry names it.
    private mutating func chooseByName(of host: String, _ owner: Ingress, _ choice: inout CertificateChoice) {
        for entry in owner.tls where !entry.secretName.isEmpty {
            let secret = NamespacedName(owner.metadata.namespace, entry.secretName)
            choice.secrets.insert(secret)
            let reading = reading(of: secret)
            if let certificate = reading?.certificate, certificate.covers(host: host) {
                reportOutdated(reading, of: secret, owner, at: "spec.tls[\(entry.position)].secretName", &choice)
                choice.certificates = [certificate]
                return
            }
        }
        let message = "no entry names host \(host), and no certificate covers it; it gets the default certificate"
        choice.problems.append(owner.problem(.certificateMismatch, at: "spec.tls", message))
    }

    private mutating func compileDefaultCertificate() {
        guard touchedDefaultCertificate else { return }
        touchedDefaultCertificate = false
        var certificate = builtInCertificate
        var problems: [IngressProblem] = []
        if let secret = settings.defaultCertificate {
            let reference = ObjectReference(kind: .secret, namespace: secret.namespace, name: secret.name)
            let outcome = "a self-made certificate is presented in its place"
            switch reading(of: secret) {
            case nil:
                let message = "the Secret of the default certificate is not there; \(outcome)"
                problems = [IngressProblem(.secretNotFound, reference, origin: nil, field: nil, message: message)]
            case .unusable(let reason):
                let message = "the Secret of the default certificate \(reason); \(outcome)"
                let origin = secrets[secret]?.metadata.origin
                problems = [
                    IngressProblem(.invalidCertificate, reference, origin: origin, field: nil, message: message)
                ]
            case .outdated(let former, let reason):
                certificate = former
                let message =
                    "the Secret of the default certificate \(reason); the certificate that it held before is presented"
                let origin = secrets[secret]?.metadata.origin
                problems = [
                    IngressProblem(.outdatedCertificate, reference, origin: origin, field: nil, message: message)
                ]
            case .certificate(let own): certificate = own
            }
        }
        ledger.replace(of: .defaultCertificate, with: problems)
        let shown = certificate.map { [$0] } ?? []
        let isSame =
            certificates.fallback.certificates.elementsEqual(shown, by: ===)
            && certificates.rejectsUnknownNames == options.rejectsUnknownNames
        if isSame { return }
        certificates = certificates.answeringUnknownNames(
            with: CertificateTable.Host(certificates: shown),
            rejecting: options.rejectsUnknownNames
        )
    }

    private mutating func reading(of name: NamespacedName) -> SecretReading? {
        if let known = readCertificates[name] { return known }
        guard let secret = secrets[name] else { return nil }
        let reading = SecretReading(secret, former: formerCertificates.removeValue(forKey: name))
        readCertificates[name] = reading
        return reading
    }

    private mutating func forgetReading(of name: NamespacedName) {
        readCertificates[name] = nil
        formerCertificates[name] = nil
    }
}
