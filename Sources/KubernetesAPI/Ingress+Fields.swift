internal import NetworkAddress

extension Ingress {
    /// Reads an Ingress; an invalid rule, path or TLS entry in it is left out and noted, the rest is used.
    init(_ metadata: ObjectMetadata, fields: Fields, omissions: inout Omissions) throws(InvalidField) {
        self.init(metadata: metadata)
        do throws(InvalidField) {
            let metadata = try fields.object("metadata")
            annotations = try metadata.stringMap("annotations")
            uid = try metadata.nonEmptyString("uid")
        } catch { throw error.within("metadata") }
        // What a controller wrote; nothing that is wrong with it is a reason to leave the Ingress out.
        if case .array(let entries)? = fields["status"]?["loadBalancer"]?["ingress"] {
            published = entries.map {
                PublishedAddress(ip: $0["ip"]?.nonEmptyText, hostname: $0["hostname"]?.nonEmptyText)
            }
        }
        var inSpec: Omissions = []
        do throws(InvalidField) {
            let spec = try fields.object("spec")
            className = try spec.nonEmptyString("ingressClassName")
            readDefaultBackend(spec, omissions: &inSpec)
            try readTLS(spec, omissions: &inSpec)
            try readRules(spec, omissions: &inSpec)
        } catch { throw error.path == "spec" ? error : error.within("spec") }
        omissions += inSpec.map { $0.within("spec") }
    }

    private mutating func readDefaultBackend(_ spec: Fields, omissions: inout Omissions) {
        // `backend` is the name in v1beta1.
        for name in ["defaultBackend", "backend"] where spec[name] != nil {
            do throws(InvalidField) {
                let fields = try spec.object(name)
                do throws(InvalidField) { defaultBackend = try Backend(fields) } catch { throw error.within(name) }
                return
            } catch {
                omissions.append(InvalidField(error.path, "\(error.rule); the default backend is left out"))
            }
        }
    }

    private mutating func readTLS(_ spec: Fields, omissions: inout Omissions) throws(InvalidField) {
        tls = try spec.validElements("tls", what: "entry", omissions: &omissions) {
            entry,
            position throws(InvalidField) in
            var hosts: [String] = []
            for (index, value) in try entry.array("hosts").enumerated() {
                guard case .string(let text) = value else {
                    throw InvalidField("hosts[\(index)]", "\(value) stands where a host name is expected")
                }
                hosts.append(try Self.host(text, field: "hosts[\(index)]"))
            }
            return TLS(position: position, hosts: hosts, secretName: try entry.string("secretName") ?? "")
        }
    }

    private mutating func readRules(_ spec: Fields, omissions: inout Omissions) throws(InvalidField) {
        var inPaths: Omissions = []
        rules = try spec.validElements("rules", what: "rule", omissions: &omissions) {
            entry,
            position throws(InvalidField) in
            let place = "rules[\(position)].http"
            var rule = Rule(position: position, host: "")
            if let host = try entry.nonEmptyString("host") { rule.host = try Self.host(host, field: "host") }
            let http = try entry.object("http")
            var omitted: Omissions = []
            do throws(InvalidField) {
                rule.paths = try http.validElements("paths", what: "path", omissions: &omitted) {
                    path,
                    position throws(InvalidField) in
                    try Path(path, position: position)
                }
            } catch { throw error.within("http") }
            inPaths += omitted.map { $0.within(place) }
            return rule
        }
        omissions += inPaths
    }

    /// Reads the name of a host: a DNS name, or `*.` before one; in lower case.
    private static func host(_ text: String, field: String) throws(InvalidField) -> String {
        let host = text.lowercased()
        let name = host.hasPrefix("*.") ? host.dropFirst(2) : host[...]
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        let isName = name.utf8.count <= 253 && labels.allSatisfy(isLabel)
        guard isName else {
            throw InvalidField(
                field,
                "\(ObjectValue.quoted(text)) is no host name: labels of letters, digits and hyphens between dots, "
                    + "of which the first may be *"
            )
        }
        guard IPAddress(parsing: name) == nil else {
            throw InvalidField(field, "\(ObjectValue.quoted(text)) is an address where a host name is expected")
        }
        return host
    }

    private static func isLabel(_ label: Substring) -> Bool {
        guard (1...63).contains(label.utf8.count), label.first != "-", label.last != "-" else { return false }
        return label.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
    }
}

extension ObjectValue {
    /// The text, if this is text and not empty.
    fileprivate var nonEmptyText: String? {
        guard case .string(let text) = self, !text.isEmpty else { return nil }
        return text
    }
}

extension Ingress.Path {
    /// Reads one of `http.paths`, by the rules that the API server has for the path's type.
    fileprivate init(_ fields: Fields, position: Int) throws(InvalidField) {
        let type = try fields.choice("pathType", of: Ingress.PathType.self) ?? .implementationSpecific
        let text = try fields.string("path") ?? ""
        if type == .implementationSpecific {
            guard text.isEmpty || text.hasPrefix("/") else { throw Self.relative(text) }
        } else {
            guard text.hasPrefix("/") else { throw Self.relative(text) }
            let barred = ["//", "/./", "/../", "%2f", "%2F"].first { text.contains($0) }
            let barredEnd = ["/..", "/."].first { text.hasSuffix($0) }
            if let barred = barred ?? barredEnd {
                throw InvalidField(
                    "path",
                    "\(ObjectValue.quoted(text)) contains \(barred), which no normalised path has"
                )
            }
        }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            throw InvalidField("path", "\(ObjectValue.quoted(text)) contains a control character")
        }
        let backend = try fields.object("backend")
        do throws(InvalidField) {
            self.init(
                position: position,
                path: text.isEmpty ? "/" : text,
                type: type,
                backend: try Ingress.Backend(backend)
            )
        } catch { throw error.within("backend") }
    }

    private static func relative(_ text: String) -> InvalidField {
        InvalidField("path", "\(ObjectValue.quoted(text)) does not begin with a slash")
    }
}

extension Ingress.Backend {
    /// Reads a backend: exactly one of a Service and a resource.
    fileprivate init(_ fields: Fields) throws(InvalidField) {
        let older = try fields.nonEmptyString("serviceName")
        guard fields["resource"] == nil else {
            if fields["service"] != nil || older != nil {
                throw InvalidField("resource", "it stands beside a Service, and a backend is one of them")
            }
            let resource = try fields.object("resource")
            self = .resource(kind: try resource.string("kind") ?? "", name: try resource.string("name") ?? "")
            return
        }
        if let older {
            self = .service(name: older, port: try Ingress.ServicePort(older: fields))
            return
        }
        guard fields["service"] != nil else {
            throw InvalidField("service", "the Service is missing")
        }
        let service = try fields.object("service")
        do throws(InvalidField) {
            guard let name = try service.nonEmptyString("name") else {
                throw InvalidField("name", "the name is missing")
            }
            let port = try service.object("port")
            do throws(InvalidField) {
                self = .service(name: name, port: try Ingress.ServicePort(port))
            } catch { throw error.within("port") }
        } catch { throw error.within("service") }
    }
}

extension Ingress.ServicePort {
    /// Reads `service.port`: exactly one of a name and a number.
    fileprivate init(_ fields: Fields) throws(InvalidField) {
        let name = try fields.nonEmptyString("name")
        let number = try fields.nonZeroPort("number")
        switch (name, number) {
        case (_?, _?): throw InvalidField("name", "it stands beside a number, and a port is one of them")
        case (let name?, nil): self = .name(try Self.printable(name, "name"))
        case (nil, let number?): self = .number(number)
        case (nil, nil): throw InvalidField("number", "the port is missing")
        }
    }

    /// Reads `servicePort` of the older shape: a number or a name.
    fileprivate init(older fields: Fields) throws(InvalidField) {
        if case .string(let text) = fields["servicePort"] {
            self = .name(try Self.printable(text, "servicePort"))
        } else if let number = try fields.port("servicePort") {
            self = .number(number)
        } else {
            throw InvalidField("servicePort", "the port is missing")
        }
    }

    private static func printable(_ name: String, _ field: String) throws(InvalidField) -> String {
        guard (1...63).contains(name.utf8.count), name.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw InvalidField(field, "\(ObjectValue.quoted(name)) is no port name")
        }
        return name
    }
}
