import Testing

/// The packages below `Benchmarks`, whose rooms are links to the product's own.
struct `The packages of benches` {
    /// The packages, and the rooms and programs of each.
    private static let packages = SourceTree.names(in: "Benchmarks").compactMap { name in
        let rooms = SourceTree.names(in: "Benchmarks/\(name)/Sources")
        return rooms.isEmpty ? nil : (name: name, rooms: Set(rooms))
    }

    /// What a room imports of this package, C modules included.
    private static let imports: [String: Set<String>] = {
        let known = Set(`The module map`.rooms.keys)
        var imports: [String: Set<String>] = [:]
        for file in SourceTree.sources {
            for line in file.lines where line.contains(" import ") {
                let words = line.split(separator: " ").map(String.init)
                guard words.count == 3, ["package", "internal", "private"].contains(words[0]), known.contains(words[2])
                else { continue }
                imports[file.room, default: []].insert(words[2])
            }
        }
        return imports
    }()

    @Test func `each holds every room that its rooms import`() {
        #expect(Self.packages.count >= 4, "the packages were not found")
        for package in Self.packages {
            for room in package.rooms.sorted() {
                let missing = (Self.imports[room] ?? []).subtracting(package.rooms).sorted()
                #expect(missing == [], "Benchmarks/\(package.name)/Sources needs links for what \(room) imports")
            }
        }
    }

    @Test func `each declares every room that it holds, and what the room imports`() {
        for package in Self.packages {
            let manifest = SourceTree.text(of: "Benchmarks/\(package.name)/Package.swift")
            for room in package.rooms.sorted() {
                guard let start = manifest.firstRange(of: "name: \"\(room)\"") else {
                    Issue.record("Benchmarks/\(package.name)/Package.swift has no target \(room)")
                    continue
                }
                // A declaration ends where the next target begins.
                let rest = manifest[start.upperBound...]
                let declaration = rest.firstRange(of: "arget(").map { rest[..<$0.lowerBound] } ?? rest
                for module in (Self.imports[room] ?? []).sorted() where !declaration.contains("\"\(module)\"") {
                    Issue.record("Benchmarks/\(package.name)/Package.swift: \(room) does not depend on \(module)")
                }
            }
        }
    }
}
