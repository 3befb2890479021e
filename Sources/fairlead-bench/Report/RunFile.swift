internal import KubernetesAPI
internal import LinuxSystem
internal import Manifests

/// The raw results of one run, as a bench wrote them.
struct RunFile {
    /// Something that was not measured.
    struct Omission: Equatable {
        let subject: String
        let reason: String
    }

    /// The file's name, for messages and captions.
    let name: String
    /// Which bench it was: `sync`, `connect` or `http`.
    let bench: String
    /// When the run began, if it says so.
    let started: String?
    let command: String
    /// What the run says of its machine, name by name.
    let machine: [(name: String, value: String)]
    /// The subjects and their versions.
    let versions: [(name: String, value: String)]
    /// Why the numbers may say less than they seem to.
    let warnings: [String]
    let leftOut: [Omission]
    let results: [RunResult]

    /// Reads a file.
    ///
    /// - Throws: Which file, and which of its fields, is not as it should be.
    init(path: String) throws {
        let text: String
        do {
            text = try readFile(at: path)
        } catch {
            throw ReportFault("\(path) cannot be read: \(error)")
        }
        try self.init(text, name: path)
    }

    /// Reads a text that came from a file.
    init(_ text: String, name: String) throws {
        let document: SingleDocument
        do {
            // JSON is read as the YAML that it also is.
            document = try SingleDocument(of: Array(text.utf8), name: name)
        } catch {
            throw ReportFault("\(error)")
        }
        if let defect = document.defects.first { throw ReportFault("\(name): \(defect)") }
        let root = RunField(document.value, file: name, path: "")
        guard case .object = document.value else {
            throw root.fault("expected the object that a bench writes with --json")
        }
        self.name = name
        let results = try root.required("results").list().map(RunResult.init)
        guard !results.isEmpty else { throw root.fault("it holds no result", at: "results") }
        self.results = results
        // Early files do not say it; only clusters have Services.
        bench = try root.optional("benchmark")?.text() ?? (results.contains { $0.services != nil } ? "sync" : "http")
        started = try root.optional("started")?.text()
        command = try root.required("command").text()
        machine = try root.required("machine").members().map { ($0.name, try $0.field.plainText()) }
        versions = try root.optional("versions")?.members().map { ($0.name, try $0.field.text()) } ?? []
        var warnings = try root.optional("warnings")?.list().map { try $0.text() } ?? []
        // A run that did not warn may still have measured that its subjects waited.
        let late = results.filter { ($0.waited ?? 0) > Self.waitedMax }
        if warnings.isEmpty, let worst = late.max(by: { ($0.waited ?? 0) < ($1.waited ?? 0) }) {
            warnings.append(
                "\(worst.subject) waited \(worst.waited ?? 0) % of its time for a processor in \(worst.name)"
            )
        }
        self.warnings = warnings
        leftOut =
            try root.optional("leftOut")?.list().map { entry in
                let place = try entry.optional("services").map { " at \(try $0.plainText()) Services" } ?? ""
                return Omission(
                    subject: try entry.required("subject").text() + place,
                    reason: try entry.required("reason").text()
                )
            } ?? []
    }

    /// How much of its time a subject may wait for a processor on a machine that counts as quiet, in per cent.
    static let waitedMax = 5.0
}

/// The numbers of one subject in one case.
struct RunResult {
    let name: String
    let subject: String
    let unit: String
    /// How many Services there were, and how many endpoints each had; nil where there are none.
    let services: Int?
    let endpoints: Int?
    let family: String?
    let median: Double
    let high: Double
    let least: Double
    let most: Double
    let count: Int
    /// The share of time that the subject was ready and had no processor, in per cent.
    let waited: Double?

    init(_ field: RunField) throws {
        name = try field.required("case").text()
        subject = try field.required("subject").text()
        unit = try field.required("unit").text()
        services = try field.optional("services")?.whole()
        endpoints = try field.optional("endpoints")?.whole()
        family = try field.optional("family")?.text()
        median = try field.required("p50").number()
        high = try field.required("p99").number()
        least = try field.required("min").number()
        most = try field.required("max").number()
        count = try field.required("count").whole()
        waited = try field.optional("waited")?.number()
        guard least <= median, median <= most else {
            throw field.fault("expected a number between min and max, found \(median)", at: "p50")
        }
    }

    /// Whether more of the unit is better: rates are, times and memory are not.
    var isBetterWhenMore: Bool { unit.contains("-per-") && unit.hasSuffix("second") }
}

/// A value in a file of results, which knows where it stands.
struct RunField {
    private let value: ObjectValue
    private let file: String
    private let path: String

    init(_ value: ObjectValue, file: String, path: String) {
        self.value = value
        self.file = file
        self.path = path
    }

    /// What is wrong with this value, or with one of its members.
    func fault(_ message: String, at member: String? = nil) -> ReportFault {
        let place = member.map { path.isEmpty ? $0 : "\(path).\($0)" } ?? path
        return ReportFault("\(file): \(place.isEmpty ? "" : "\(place): ")\(message)")
    }

    func required(_ name: String) throws -> RunField {
        guard let field = try optional(name) else { throw fault("it is missing", at: name) }
        return field
    }

    func optional(_ name: String) throws -> RunField? {
        guard case .object = value else { throw fault("expected an object, found \(value)") }
        return value[name].map { RunField($0, file: file, path: path.isEmpty ? name : "\(path).\(name)") }
    }

    func list() throws -> [RunField] {
        guard case .array(let values) = value else { throw fault("expected a list, found \(value)") }
        return values.enumerated().map { RunField($1, file: file, path: "\(path)[\($0)]") }
    }

    func members() throws -> [(name: String, field: RunField)] {
        guard case .object(let members) = value else { throw fault("expected an object, found \(value)") }
        return members.map { ($0.name, RunField($0.value, file: file, path: "\(path).\($0.name)")) }
    }

    func text() throws -> String {
        guard case .string(let text) = value else { throw fault("expected a text, found \(value)") }
        return text
    }

    func number() throws -> Double {
        switch value {
        case .integer(let number): return Double(number)
        case .number(let number) where number.isFinite: return number
        default: throw fault("expected a number, found \(value)")
        }
    }

    func whole() throws -> Int {
        guard case .integer(let number) = value, number >= 0 else {
            throw fault("expected a whole number that is not negative, found \(value)")
        }
        return Int(number)
    }

    /// A text or number as it is written.
    func plainText() throws -> String {
        switch value {
        case .string(let text): text
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        default: throw fault("expected a text or a number, found \(value)")
        }
    }
}
