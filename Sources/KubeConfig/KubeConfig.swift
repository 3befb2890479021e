package import KubernetesAPI

/// A kubeconfig file, as kubectl and all clients of Kubernetes read it.
package enum KubeConfig {
    /// Reads how to reach the server of a context.
    ///
    /// - Parameters:
    ///   - document: The file as a tree.
    ///   - file: The path of the file; other files in it are relative to its folder.
    ///   - context: The context; nil for `current-context`.
    /// - Returns: The access to the server of the context, as its user.
    /// - Throws: Which field is missing or wrong.
    package static func access(
        from document: ObjectValue,
        file: String,
        context: String? = nil
    ) throws(KubeConfigError) -> ClusterAccess {
        let root = try KubeConfigFields(document, file: file)
        if let kind = try root.text("kind"), kind != "Config" {
            throw root.error("kind", "\(ObjectValue.quoted(kind)) is not Config")
        }
        let current = try root.text("current-context")
        guard let name = context ?? current else {
            throw root.error("current-context", "no context is chosen; set one with kubectl config use-context")
        }
        let chosen = try entry(of: root, "contexts", "context", named: name, wantedBy: "current-context")
        guard let clusterName = try chosen.text("cluster") else {
            throw chosen.error("cluster", "the cluster is missing")
        }
        let cluster = try entry(
            of: root,
            "clusters",
            "cluster",
            named: clusterName,
            wantedBy: "\(chosen.path).cluster"
        )
        var access = try read(cluster)
        access.namespace = try chosen.text("namespace")
        if let userName = try chosen.text("user") {
            let user = try entry(of: root, "users", "user", named: userName, wantedBy: "\(chosen.path).user")
            try read(user, into: &access)
        }
        return access
    }

    private static func entry(
        of root: KubeConfigFields,
        _ list: String,
        _ member: String,
        named name: String,
        wantedBy place: String
    ) throws(KubeConfigError) -> KubeConfigFields {
        for entry in try root.objects(list) where try entry.text("name") == name {
            // A user may be empty, as one that a client certificate of the cluster is enough for.
            guard let object = try entry.object(member) else {
                throw entry.error(member, "there is nothing under the name \(ObjectValue.quoted(name))")
            }
            return object
        }
        throw root.error(place, "\(ObjectValue.quoted(name)) is not among the \(list)")
    }

    private static func read(_ cluster: KubeConfigFields) throws(KubeConfigError) -> ClusterAccess {
        guard let url = try cluster.text("server") else {
            throw cluster.error("server", "the address is missing, such as https://10.0.0.1:6443")
        }
        guard let server = ServerAddress(parsing: url) else {
            throw cluster.error("server", "\(ObjectValue.quoted(url)) is no address such as https://10.0.0.1:6443")
        }
        var access = ClusterAccess(server: server)
        if try cluster.text("proxy-url") != nil {
            throw cluster.error(
                "proxy-url",
                "proxies are not supported; a node reaches its API server directly, so remove the field"
            )
        }
        access.serverName = try cluster.text("tls-server-name")
        access.skipsVerification = try cluster.bool("insecure-skip-tls-verify")
        access.authorities = try material(cluster, "certificate-authority")
        if access.skipsVerification, access.authorities != nil {
            throw cluster.error(
                "insecure-skip-tls-verify",
                "a certificate authority is given as well; remove one of the two"
            )
        }
        return access
    }

    private static func read(
        _ user: KubeConfigFields,
        into access: inout ClusterAccess
    ) throws(KubeConfigError) {
        let certificate = try material(user, "client-certificate")
        let key = try material(user, "client-key")
        switch (certificate, key) {
        case (let certificate?, let key?):
            access.clientCertificate = ClusterAccess.ClientCertificate(certificate: certificate, key: key)
        case (nil, nil): break
        case (_?, nil): throw user.error("client-key", "the key of the client certificate is missing")
        case (nil, _?): throw user.error("client-certificate", "the certificate of the client key is missing")
        }
        for unsupported in ["auth-provider", "as", "as-groups", "as-uid", "as-user-extra"] where user.holds(unsupported)
        {
            throw user.error(unsupported, "this is not supported; use a token, a client certificate or exec")
        }
        // client-go: a token file wins over a token, and both over the rest.
        if let path = try user.text("tokenFile") {
            access.credential = .tokenFile(absolute(path, beside: user.file))
        } else if let token = try user.text("token") {
            guard token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
                throw user.error("token", "there are characters in it that no token has")
            }
            access.credential = .token(token)
        } else if let name = try user.text("username") {
            access.credential = .password(user: name, password: try user.text("password") ?? "")
        } else if let exec = try user.object("exec") {
            access.credential = .exec(try ExecPlugin(exec))
        }
    }

    /// Reads bytes that stand in the field `name-data`, or else in the file that `name` leads to.
    private static func material(
        _ fields: KubeConfigFields,
        _ name: String
    ) throws(KubeConfigError) -> ClusterAccess.Material? {
        if let bytes = try fields.base64("\(name)-data") { return .bytes(bytes) }
        return try fields.text(name).map { .file(absolute($0, beside: fields.file)) }
    }

    /// A path as seen from the folder of a file.
    static func absolute(_ path: String, beside file: String) -> String {
        guard !path.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return path }
        return file[...slash] + path
    }
}
