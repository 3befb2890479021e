import LinuxSystem

/// An authority that issues certificates with the program openssl.
struct TestAuthority {
    /// What an authority issues, both in PEM.
    struct Issued {
        let certificate: [UInt8]
        let key: [UInt8]
    }

    let certificate: [UInt8]
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try Self.openssl([
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=test authority", "-keyout", folder.path("ca.key"), "-out", folder.path("ca.crt"),
        ])
        certificate = Array(try readFile(at: folder.path("ca.crt")).utf8)
    }

    /// Issues a certificate for a name such as `DNS:host` or `IP:127.0.0.1`.
    func issue(_ file: String, name: String) throws -> Issued {
        try folder.write("\(file).ext", "subjectAltName=\(name)\n")
        try Self.openssl([
            "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=\(file)", "-keyout",
            folder.path("\(file).key"), "-out", folder.path("\(file).csr"),
        ])
        try Self.openssl([
            "x509", "-req", "-days", "2", "-in", folder.path("\(file).csr"), "-CA", folder.path("ca.crt"), "-CAkey",
            folder.path("ca.key"), "-CAcreateserial", "-extfile", folder.path("\(file).ext"), "-out",
            folder.path("\(file).crt"),
        ])
        return Issued(
            certificate: Array(try readFile(at: folder.path("\(file).crt")).utf8),
            key: Array(try readFile(at: folder.path("\(file).key")).utf8)
        )
    }

    private static func openssl(_ arguments: [String]) throws {
        let run = try ProgramOutput(
            of: "sh",
            arguments: ["-c", "exec openssl \"$@\" 2>/dev/null", "openssl"] + arguments,
            environment: processEnvironment(),
            wait: .seconds(60)
        )
        guard run.status == 0 else { throw Errno.invalidArgument }
    }
}
