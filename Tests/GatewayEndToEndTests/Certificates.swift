import LabKit

extension GatewayLab {
    /// Makes a self-signed certificate for some names; returns the paths of certificate and key.
    func certificate(
        _ file: String,
        names: [String],
        subject: String? = nil
    ) throws -> (certificate: String, key: String) {
        let (certificate, key) = ("\(lab.directory)/\(file).crt", "\(lab.directory)/\(file).key")
        try lab.runSuccessfully([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "30",
            "-subj", "/CN=\(subject ?? names[0])", "-addext",
            "subjectAltName=\(names.map { "DNS:\($0)" }.joined(separator: ","))", "-keyout", key, "-out", certificate,
        ])
        return (certificate, key)
    }

    /// A Secret with a self-signed certificate for some names.
    func tlsSecret(_ name: String, names: [String], subject: String? = nil) throws -> String {
        let files = try certificate(name, names: names, subject: subject)
        return try tlsSecret(name, certificate: files.certificate, key: files.key)
    }

    /// A Secret with what two files hold.
    func tlsSecret(_ name: String, certificate: String, key: String) throws -> String {
        func encoded(_ path: String) throws -> String { try lab.runSuccessfully(["base64", "-w", "0", path]) }
        return """
            apiVersion: v1
            kind: Secret
            type: kubernetes.io/tls
            metadata: {name: \(name), namespace: default}
            data:
              tls.crt: \(try encoded(certificate))
              tls.key: \(try encoded(key))

            """
    }
}
