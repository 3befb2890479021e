extension ClusterAccess {
    /// Where Kubernetes puts the account of a pod.
    package static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// The access that a pod is given.
    ///
    /// - Parameters:
    ///   - folder: Where the account is mounted.
    ///   - environment: The environment of this process.
    /// - Returns: The access; token and authorities are read from the files again when these change.
    /// - Throws: Which variable is missing or wrong.
    package static func inCluster(
        folder: String = serviceAccountFolder,
        environment: (String) -> String?
    ) throws(KubeConfigError) -> ClusterAccess {
        func variable(_ name: String) throws(KubeConfigError) -> String {
            guard let value = environment(name), !value.isEmpty else {
                throw KubeConfigError(
                    file: "environment",
                    field: name,
                    message: "it is not set, so this is no pod; name a file with --kubeconfig or --manifests"
                )
            }
            return value
        }
        let host = try variable("KUBERNETES_SERVICE_HOST")
        let text = try variable("KUBERNETES_SERVICE_PORT")
        guard let port = UInt16(text), port != 0 else {
            throw KubeConfigError(
                file: "environment",
                field: "KUBERNETES_SERVICE_PORT",
                message: "\"\(text)\" is no port"
            )
        }
        var access = ClusterAccess(server: ServerAddress(host: host, port: port))
        access.authorities = .file("\(folder)/ca.crt")
        access.credential = .tokenFile("\(folder)/token")
        return access
    }
}
