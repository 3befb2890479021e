import Testing

/// What a reader of this package may rely on.
struct Tidiness {
    private static let lineCountMax = 600  // beyond, a file holds more than one idea

    @Test func `no file is too long to be read in one sitting`() {
        for file in SourceTree.everything {
            #expect(file.lines.count <= Self.lineCountMax, "\(file.path)")
        }
    }

    @Test func `nothing is left to do later`() throws {
        // Put together here, so that this file does not find itself.
        let word = try Regex(#"\b("# + ["TO" + "DO", "FIX" + "ME", "X" + "XX"].joined(separator: "|") + #")\b"#)
        for file in SourceTree.everything {
            for (index, line) in file.lines.enumerated() where line.contains(word) {
                Issue.record("\(file.place(index)): \(line)")
            }
        }
    }

    /// Members whose meaning a protocol or a name tells already.
    private static let selfExplaining: Set = [
        "init", "description", "debugDescription", "rawValue", "hash", "<", "==", ">", "<=", ">=", "makeIterator",
    ]

    @Test func `what other files may use is documented`() throws {
        let declaration =
            #/^\s*(?:@\w+(?:\([^)]*\))?\s+)*package\s+(?:(?:static|final|mutating|borrowing|consuming|nonisolated|indirect|lazy|override|(?:private|internal|fileprivate)\(set\))\s+)*(struct|class|enum|protocol|actor|typealias|func|var|let|init|subscript)\s*([^\s(:<{]*|[<>=!]+)/#
        var found = 0
        for file in SourceTree.sources {
            for (index, line) in file.lines.enumerated() {
                guard let match = line.firstMatch(of: declaration) else { continue }
                found += 1
                let name = match.2.isEmpty ? String(match.1) : String(match.2)
                if match.1 == "init" || Self.selfExplaining.contains(name) || isOperator(line) { continue }
                if !isDocumented(index, in: file) {
                    Issue.record("\(file.place(index)): \(name) has no documentation comment")
                }
            }
        }
        #expect(found > 50, "the declarations of the package were not found")
    }

    private func isOperator(_ line: Substring) -> Bool { line.contains(#/func\s+[<>=!]+\s*\(/#) }

    /// Whether a documentation comment stands above a declaration and its attributes.
    private func isDocumented(_ index: Int, in file: SourceTree.File) -> Bool {
        for line in file.lines[..<index].reversed() {
            let text = line.drop(while: \.isWhitespace)
            if text.hasPrefix("@") { continue }
            return text.hasPrefix("///")
        }
        return false
    }

    @Test func `the top of the package holds only what the design names`() {
        let allowed: Set = [
            "Package.swift", "Package.resolved", "Sources", "Tests", "Benchmarks", "configs", "Docs", "README.md",
            "Makefile",
            "LICENSE", "out",
        ]
        let strangers = SourceTree.names(in: ".").filter { !$0.hasPrefix(".") && !allowed.contains($0) }
        #expect(strangers == [])
    }
}
