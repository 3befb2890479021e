/// Where and why a text is no YAML or no JSON.
struct ManifestSyntaxError: Error, Hashable, CustomStringConvertible {
    /// The line, counted from 1.
    var line: Int

    /// The column in characters, counted from 1.
    var column: Int

    /// What was found or missed there, in the parser's words.
    var message: String

    /// `line 14, column 3: did not find expected key`.
    var description: String { "line \(line), column \(column): \(message)" }
}

/// A mistake in a document that does not keep the rest of the file from being read.
struct DocumentDefect: Hashable {
    /// The line, counted from 1.
    var line: Int

    /// What is wrong, such as `the key "port" stands twice in one object`.
    var message: String
}
