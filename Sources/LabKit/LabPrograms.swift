/// Where the programs under test were built.
package enum LabPrograms {
    /// The path of a program of this package, such as `fairlead-echo`.
    ///
    /// It lies beside the running test bundle, unless `FAIRLEAD_BIN_DIR` names another directory.
    package static func path(of name: String) throws -> String {
        let path = "\(directory)/\(name)"
        guard LabFiles.isExecutable(path) else { throw LabError.programMissing(name, directory: directory) }
        return path
    }

    private static var directory: String {
        if let directory = environmentVariable("FAIRLEAD_BIN_DIR") { return directory }
        let bundle = CommandLine.arguments.first ?? ""
        return bundle.lastIndex(of: "/").map { String(bundle[..<$0]) } ?? "."
    }
}
