internal import LabKit
internal import LinuxSystem

/// Something that makes a measurement void.
struct HTTPBenchFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// The programs that the bench uses, and what they agree on.
enum HTTPTools {
    /// The cipher of TLS 1.3 that every subject is to use.
    static let cipher = "TLS_AES_128_GCM_SHA256"

    /// Checks that a program is there, and says what to install otherwise.
    static func require(_ program: String, package: String, in lab: Lab) throws {
        guard try has(program, in: lab) else {
            throw HTTPBenchFault("there is no \(program): install Debian's package \(package)")
        }
    }

    /// Whether a program is there.
    static func has(_ program: String, in lab: Lab) throws -> Bool {
        try lab.run(["sh", "-c", "command -v \"$0\"", program]).isSuccess
    }

    /// Makes the certificate that every subject presents.
    static func makeCertificate(in lab: Lab) throws {
        let directory = lab.directory
        try lab.runSuccessfully([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-sha256",
            "-days", "30", "-subj", "/CN=bench.example", "-addext", "subjectAltName=DNS:*.bench.example",
            "-keyout", "\(directory)/key.pem", "-out", "\(directory)/cert.pem",
        ])
        let both = try readFile(at: "\(directory)/cert.pem") + readFile(at: "\(directory)/key.pem")
        try lab.write(both, to: "both.pem")
    }

    /// Gives the lab's network namespace its addresses.
    static func configureNetwork(in lab: Lab) throws {
        try lab.runSuccessfully(["ip", "link", "set", "lo", "up"])
        for address in Backend.addresses {
            try lab.runSuccessfully(["ip", "addr", "add", "\(address)/32", "dev", "lo"])
        }
        try writeFile("1024 65000\n", at: "/proc/sys/net/ipv4/ip_local_port_range")
        try writeFile("16384\n", at: "/proc/sys/net/core/somaxconn")
    }
}

/// Whether an operator wants the bench to end.
final class Interruption {
    private let signals: SignalQueue

    struct Wanted: Error, CustomStringConvertible {
        let description = "ended by a signal"
    }

    /// Takes the signals over; threads that are started later inherit this.
    init() throws { signals = try SignalQueue([.interrupt, .terminate, .hangUp]) }

    /// Throws if one does.
    func check() throws {
        if signals.next() != nil { throw Wanted() }
    }
}

/// Lets some time pass.
func pause(_ duration: Duration) throws {
    var nothing: [Readiness] = []
    _ = try Readiness.wait(for: &nothing, timeout: duration)
}
