/// A field that breaks a rule: where it stands and what is wrong with it.
struct InvalidField: Error, Hashable {
    /// The path from the place that reads it, such as `spec.ports[0].port`.
    var path: String

    /// What is wrong, such as `70000 is not between 1 and 65535`.
    var rule: String

    /// Creates the error for a field.
    init(_ path: String, _ rule: String) {
        self.path = path
        self.rule = rule
    }

    /// The same error as the holder of the field sees it.
    ///
    /// Paths are put together only when something is wrong, so that good objects pay nothing for them.
    func within(_ outer: String) -> InvalidField { InvalidField("\(outer).\(path)", rule) }
}
