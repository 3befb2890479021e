package import KubernetesAPI

/// A program that prints credentials (`exec` of a user, client.authentication.k8s.io).
package struct ExecPlugin: Hashable, Sendable {
    /// The version of the protocol that is spoken with it.
    package var apiVersion: String
    /// The program: a path, or a name to look for in `PATH`.
    package var command: String
    /// Its arguments.
    package var arguments: [String] = []
    /// Variables that it gets besides those of this process.
    package var environment: [String: String] = [:]
    /// What to tell an operator who does not have it.
    package var installHint: String?
    /// Whether it is told which cluster it is for.
    package var wantsClusterInfo = false

    /// The versions of the protocol that are known.
    package static let apiVersions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]

    /// Creates a plugin.
    package init(apiVersion: String, command: String) {
        self.apiVersion = apiVersion
        self.command = command
    }

    init(_ fields: KubeConfigFields) throws(KubeConfigError) {
        guard let command = try fields.text("command") else { throw fields.error("command", "the program is missing") }
        guard let version = try fields.text("apiVersion") else {
            throw fields.error("apiVersion", "it is missing; write \(Self.apiVersions[0])")
        }
        guard Self.apiVersions.contains(version) else {
            throw fields.error(
                "apiVersion",
                "\(ObjectValue.quoted(version)) is none of \(Self.apiVersions.joined(separator: ", "))"
            )
        }
        // A path with a slash is seen from the folder of the file; a bare name is looked for in PATH.
        self.command = command.contains("/") ? KubeConfig.absolute(command, beside: fields.file) : command
        apiVersion = version
        arguments = try fields.texts("args")
        for entry in try fields.objects("env") {
            guard let name = try entry.text("name"), !name.contains("=") else {
                throw entry.error("name", "the name of the variable is missing or holds =")
            }
            environment[name] = try entry.text("value") ?? ""
        }
        installHint = try fields.text("installHint")
        wantsClusterInfo = try fields.bool("provideClusterInfo")
        if try fields.text("interactiveMode") == "Always" {
            throw fields.error("interactiveMode", "a daemon has nobody to ask; use IfAvailable or Never")
        }
    }

    /// What the program is given in the variable `KUBERNETES_EXEC_INFO`.
    package func input(for access: ClusterAccess) -> String {
        var cluster: ObjectValue?
        if wantsClusterInfo {
            var authorities: ObjectValue?
            if case .bytes(let bytes) = access.authorities { authorities = .string(base64Encoded(bytes)) }
            cluster = .members([
                "server": .string(access.server.description),
                "tls-server-name": access.serverName.map(ObjectValue.string),
                "insecure-skip-tls-verify": access.skipsVerification ? .bool(true) : nil,
                "certificate-authority-data": authorities,
            ])
        }
        let input = ObjectValue.members([
            "apiVersion": .string(apiVersion),
            "kind": .string("ExecCredential"),
            "spec": .members(["interactive": .bool(false), "cluster": cluster]),
        ])
        return input.jsonText
    }
}

/// What such a program has printed.
package struct ExecCredential: Hashable, Sendable {
    /// The bearer token, if it gave one.
    package var token: String?
    /// The client certificate, if it gave one.
    package var clientCertificate: ClusterAccess.ClientCertificate?
    /// When both are no longer valid, in seconds since 1970; nil when they last until they are refused.
    package var expirySeconds: Int64?

    /// Reads what a program has printed.
    ///
    /// - Parameters:
    ///   - document: The output as a tree.
    ///   - plugin: The program.
    /// - Throws: Which field is missing or wrong.
    package init(_ document: ObjectValue, from plugin: ExecPlugin) throws(KubeConfigError) {
        let root = try KubeConfigFields(document, file: "the output of \(plugin.command)")
        guard try root.text("kind") == "ExecCredential" else { throw root.error("kind", "it is not ExecCredential") }
        guard try root.text("apiVersion") == plugin.apiVersion else {
            throw root.error("apiVersion", "it is not \(plugin.apiVersion), which was asked for")
        }
        guard let status = try root.object("status") else { throw root.error("status", "there are no credentials") }
        token = try status.text("token")
        switch (try status.text("clientCertificateData"), try status.text("clientKeyData")) {
        case (let certificate?, let key?):
            clientCertificate = ClusterAccess.ClientCertificate(
                certificate: .bytes(Array(certificate.utf8)),
                key: .bytes(Array(key.utf8))
            )
        case (nil, nil): break
        case (_?, nil): throw status.error("clientKeyData", "the key of the certificate is missing")
        case (nil, _?): throw status.error("clientCertificateData", "the certificate of the key is missing")
        }
        guard token != nil || clientCertificate != nil else {
            throw status.error("token", "there is neither a token nor a certificate")
        }
        if let text = try status.text("expirationTimestamp") {
            guard let seconds = secondsSince1970(text) else {
                throw status.error("expirationTimestamp", "\(ObjectValue.quoted(text)) is no time of RFC 3339")
            }
            expirySeconds = seconds
        }
    }
}
