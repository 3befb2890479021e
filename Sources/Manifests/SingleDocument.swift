package import KubernetesAPI
package import LinuxSystem

/// The first document of a YAML or JSON text, for files that hold one, such as configuration files.
package struct SingleDocument: Hashable, Sendable {
    /// What the document says; of members with one name all are there.
    package let value: ObjectValue

    /// What a strict reader refuses, one line each: keys that stand twice, and further documents.
    package let defects: [String]

    /// Parses a text; JSON is read as the YAML that it also is.
    ///
    /// - Parameters:
    ///   - bytes: The text.
    ///   - name: The file, for the error.
    /// - Throws: Where and why the text is no YAML.
    package init(of bytes: [UInt8], name: String) throws(SingleDocumentError) {
        let parts = yamlParts(of: bytes)
        var defects: [String] = []
        for part in parts {
            var found: ObjectValue?
            do throws(ManifestSyntaxError) {
                var builder = YAMLTreeBuilder()
                try readYAMLEvents(in: bytes[part.range]) { event, position throws(ManifestSyntaxError) in
                    switch try builder.receive(event, at: position) {
                    case .document(let value, _) where found == nil:
                        found = value
                        defects += builder.takeDefects().map { "line \($0.line + part.linesBefore): \($0.message)" }
                    // The builder hands out the elements of a root's `items` one by one; no configuration has any.
                    case .document, .item, nil: break
                    }
                }
            } catch {
                var error = error
                error.line += part.linesBefore
                throw .syntax(file: name, "\(error)")
            }
            guard let found, found != .null else { continue }
            if part != parts.last { defects.append("what follows the first document of the file is not read") }
            value = found
            self.defects = defects
            return
        }
        throw .syntax(file: name, "it holds no document")
    }

    /// Reads and parses a file of at most a mebibyte.
    ///
    /// - Throws: Why it cannot be read, or where and why it is no YAML.
    package init(path: String) throws(SingleDocumentError) {
        let bytes: [UInt8]
        do throws(Errno) {
            let file = try FileDescriptor.open(forReading: path)
            bytes = try file.readAll(limit: Self.bytesMax)
        } catch {
            throw .unreadable(file: path, error)
        }
        guard bytes.count <= Self.bytesMax else {
            throw .syntax(file: path, "it is longer than a mebibyte, which no configuration is")
        }
        try self.init(of: bytes, name: path)
    }

    private static let bytesMax = 1024 * 1024
}

/// Why a file does not give a document.
package enum SingleDocumentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file cannot be read.
    case unreadable(file: String, Errno)
    /// What is in it cannot be parsed.
    case syntax(file: String, String)

    package var description: String {
        switch self {
        case .unreadable(let file, let error): "\(file) cannot be read: \(error)"
        case .syntax(let file, let message): "\(file): \(message)"
        }
    }
}
