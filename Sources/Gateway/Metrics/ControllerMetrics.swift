internal import IngressDiscovery
internal import LinuxSystem
internal import Synchronization
internal import TLS
internal import Telemetry

/// What ingress-nginx tells of its configuration, its certificates and its process, asked for when somebody scrapes.
final class ControllerMetrics: Sendable {
    private let labels: ControllerLabels
    private let desk: DirectoryDesk
    private let isUpToDate: @Sendable () -> Bool
    /// What was told last: told again while the control thread has no time.
    private let former = Mutex(Told())

    private struct Told {
        var generation: UInt64 = 0
        var hash: UInt64 = 0
        var certificates: [Certificate] = []
        /// What was decoded of certificates, which does not change.
        var details: [ObjectIdentifier: CertificateDetails] = [:]
    }

    /// A certificate of a host, as labels.
    private struct Certificate {
        let expiry: Int64
        let labels: LabelText
        let details: LabelText
    }

    init(labels: ControllerLabels, desk: DirectoryDesk, isUpToDate: @escaping @Sendable () -> Bool) {
        self.labels = labels
        self.desk = desk
        self.isUpToDate = isUpToDate
    }

    /// Writes all of it.
    func write(to text: inout ExpositionText) {
        let told = former.withLock { told in
            if let copy = desk.ask(within: Self.patience), copy.generation != told.generation {
                told.generation = copy.generation
                read(copy.directory, into: &told)
            }
            return told
        }
        writeConfiguration(told, to: &text)
        writeCertificates(told, to: &text)
        writeProcess(to: &text)
    }

    private static let prefix = "nginx_ingress_controller_"
    /// How long a scrape waits for the control thread.
    private static let patience = Duration.milliseconds(100)

    private func read(_ directory: IngressDirectory, into told: inout Told) {
        told.hash = directory.fingerprint
        var known: [ObjectIdentifier: CertificateDetails] = [:]
        told.certificates = directory.certificateUses.map { use in
            let certificate = use.certificate
            let identifier = ObjectIdentifier(certificate)
            let details = told.details[identifier] ?? certificate.details
            known[identifier] = details
            let serial = details?.serialNumber ?? ""
            let print = certificate.fingerprint.prefix(4).map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }.joined()
            let identity: [(String, String)] = [
                ("class", labels.controllerClass), ("host", use.host), ("identifier", "\(print)-\(serial)"),
            ]
            let place: [(String, String)] = [
                ("namespace", use.secret?.namespace ?? ""), ("secret_name", use.secret?.name ?? ""),
            ]
            return Certificate(
                expiry: certificate.notAfter,
                labels: text(identity + place),
                details: text(
                    identity + [
                        ("issuer_common_name", details?.issuerCommonName ?? ""),
                        ("issuer_organization", details?.issuerOrganization ?? ""),
                    ] + place.prefix(1) + [("public_key_algorithm", details?.publicKeyAlgorithm ?? "")]
                        + place.suffix(1)
                        + [("serial_number", serial)]
                )
            )
        }
        told.details = known
    }

    private func text(_ pairs: [(String, String)]) -> LabelText {
        var text = LabelText()
        for (name, value) in pairs { text.append(name, value) }
        return text
    }

    private func writeConfiguration(_ told: Told, to text: inout ExpositionText) {
        let controller = labels.text
        gauge("config_hash", "A number that says what is configured, the same in all replicas.", "\(told.hash)", &text)
        gauge(
            "config_last_reload_successful",
            "Whether every worker serves by the newest configuration.",
            isUpToDate() ? "1" : "0",
            &text
        )
        var build = LabelText(["build": ""])
        build.append(controller)
        build.append("release", GatewayBuild.version)
        build.append("repository", "fairlead")
        text.describe("\(Self.prefix)build_info", "What identifies this build.", type: "gauge")
        text.sample("\(Self.prefix)build_info", build, "1")
    }

    private func gauge(
        _ name: String,
        _ help: String,
        type: String = "gauge",
        _ value: String,
        _ text: inout ExpositionText
    ) {
        text.describe(Self.prefix + name, help, type: type)
        text.sample(Self.prefix + name, labels.text, value)
    }

    private func writeCertificates(_ told: Told, to text: inout ExpositionText) {
        let expiry = "\(Self.prefix)ssl_expire_time_seconds"
        text.describe(expiry, "When a certificate ceases to be valid, in seconds since 1970.", type: "gauge")
        for certificate in told.certificates { text.sample(expiry, certificate.labels, "\(certificate.expiry)") }
        let info = "\(Self.prefix)ssl_certificate_info"
        text.describe(info, "What certificates say of themselves.", type: "gauge")
        for certificate in told.certificates { text.sample(info, certificate.details, "1") }
    }

    // MARK: - The process

    private func writeProcess(to text: inout ExpositionText) {
        // The rest of a scrape is worth having without these.
        guard let usage = try? ProcessUsage() else { return }
        let name = "nginx_process_"
        gauge(
            "\(name)cpu_seconds_total",
            "Time on processors, of the process and of the kernel for it.",
            type: "counter",
            ExpositionText.number(usage.processorSeconds),
            &text
        )
        gauge("\(name)resident_memory_bytes", "Memory in RAM.", "\(usage.residentBytes)", &text)
        gauge("\(name)virtual_memory_bytes", "Address space.", "\(usage.virtualBytes)", &text)
        gauge("\(name)num_procs", "Processes: the gateway is one.", "1", &text)
        gauge(
            "\(name)oldest_start_time_seconds",
            "When the process began, in seconds since 1970.",
            ExpositionText.number(usage.startSeconds),
            &text
        )
        // Some sandboxes keep this file from their own process.
        for line in ((try? readFile(at: "/proc/self/io")) ?? "").split(separator: "\n") {
            let parts = line.split(separator: " ")
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "read_bytes:":
                gauge(
                    "\(name)read_bytes_total",
                    "Bytes that were read from disks.",
                    type: "counter",
                    "\(parts[1])",
                    &text
                )
            case "write_bytes:":
                gauge(
                    "\(name)write_bytes_total",
                    "Bytes that were written to disks.",
                    type: "counter",
                    "\(parts[1])",
                    &text
                )
            default: break
            }
        }
        text.describe("process_open_fds", "Open file descriptors.", type: "gauge")
        text.sample("process_open_fds", LabelText(), "\(usage.openDescriptors)")
        if let limit = usage.descriptorsMax {
            text.describe("process_max_fds", "File descriptors that may be open.", type: "gauge")
            text.sample("process_max_fds", LabelText(), "\(limit)")
        }
    }
}
