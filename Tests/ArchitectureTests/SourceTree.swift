import Foundation

/// The files of this package, as text.
enum SourceTree {
    struct File: Sendable {
        /// The path from the package's root.
        let path: String
        let lines: [Substring]

        /// The folder below `Sources` or `Tests`: the target that the file belongs to.
        var room: String { String(path.split(separator: "/")[1]) }

        /// The file's name without folders.
        var name: String { String(path.split(separator: "/").last ?? "") }

        /// A place in the file, as compilers print it.
        func place(_ index: Int) -> String { "\(path):\(index + 1)" }
    }

    /// The package's root, found from this very file.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Every Swift file below `Sources`.
    static let sources = files(below: "Sources", ending: [".swift"])

    /// Every file below `Sources` and `Tests` that people write.
    static let everything =
        files(below: "Sources", ending: [".swift", ".c", ".h"]) + files(below: "Tests", ending: [".swift"])

    /// The names in a folder of the package.
    static func names(in folder: String) -> [String] {
        let path = root.appendingPathComponent(folder).path
        return ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    /// A file's text by its path from the root; empty when there is none.
    static func text(of path: String) -> String {
        (try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)) ?? ""
    }

    private static func files(below folder: String, ending suffixes: [String]) -> [File] {
        let names = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
        return (names?.compactMap { $0 as? String } ?? [])
            .filter { name in suffixes.contains(where: name.hasSuffix) }
            .sorted()
            .map { name in
                let path = "\(folder)/\(name)"
                return File(path: path, lines: text(of: path).split(separator: "\n", omittingEmptySubsequences: false))
            }
    }
}

/// Swift code without its comments and the insides of its strings, line by line.
func codeLines(of file: SourceTree.File) -> [String] {
    var isInBlockString = false
    return file.lines.map { line in
        if line.contains("\"\"\"") {
            // One delimiter opens or closes; two on a line cancel out.
            if line.components(separatedBy: "\"\"\"").count == 2 { isInBlockString.toggle() }
            return isInBlockString ? String(line.prefix { $0 != "\"" }) : ""
        }
        return isInBlockString ? "" : withoutStringsAndComments(line)
    }
}

private func withoutStringsAndComments(_ line: Substring) -> String {
    var code = ""
    var isInString = false
    var rest = line
    while let character = rest.popFirst() {
        if isInString {
            if character == "\\" { rest = rest.dropFirst() }
            if character == "\"" { isInString = false }
        } else if character == "\"" {
            isInString = true
        } else if character == "/", rest.first == "/" {
            break
        } else {
            code.append(character)
        }
    }
    return code
}
