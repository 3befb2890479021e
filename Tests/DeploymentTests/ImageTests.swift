import Testing

struct `The images` {
    /// What each development package of Debian 12 needs when a program runs.
    private static let runtimePackages = [
        "libnftnl-dev": ["libnftnl11"], "libmnl-dev": ["libmnl0"], "libyaml-dev": ["libyaml-0-2"],
        "libjansson-dev": ["libjansson4"], "libssl-dev": ["libssl3"], "zlib1g-dev": ["zlib1g"],
        "libpcre2-dev": ["libpcre2-8-0"],
    ]

    @Test(arguments: ["agent", "gateway"])
    func `hold the libraries that their program links, and no other`(_ program: String) throws {
        let stages = try ConfigurationTree.text("configs/container/Dockerfile").split(separator: "\nFROM ")
        let stage = try #require(
            stages.first { $0.contains(/^\S+ AS (\w+)/) && $0.hasPrefix("debian:12-slim AS \(program)\n") }
        )
        let installed = Set(stage.matches(of: /\blib[a-z0-9+-]+|\bzlib1g\b/).map { String($0.0) })
        // The C++ parts of the Swift runtime; the tool that sets the capability is taken away again.
        let others: Set = ["libgcc-s1", "libstdc++6", "libcap2-bin"]
        var wanted: Set<String> = []
        for package in try packages(of: "fairlead-\(program)") {
            wanted.formUnion(try #require(Self.runtimePackages[package], "\(package)"))
        }
        #expect(installed.subtracting(others) == wanted)
        #expect(!installed.contains("libcap2-bin") || stage.contains("purge -y -qq --auto-remove libcap2-bin"))
    }

    @Test func `are built with what the package names, and run without root`() throws {
        let file = try ConfigurationTree.text("configs/container/Dockerfile")
        let build = try #require(
            file.split(separator: "\nFROM ").first { $0.hasPrefix("swift:6.3-bookworm AS build\n") }
        )
        let installed = Set(build.matches(of: /\b(?:lib[a-z0-9]+|zlib1g)-dev\b/).map { String($0.0) })
        let named = Set(try systemLibraries().values.flatMap(\.self))
        #expect(installed == named)
        #expect(build.contains("--static-swift-stdlib"))
        #expect(file.matches(of: /(?m)^USER 65532:65532$/).count == 2)
    }

    /// The development packages of all C libraries that a program is made of.
    private func packages(of program: String) throws -> Set<String> {
        let targets = try targetDependencies()
        let libraries = try systemLibraries()
        var seen: Set<String> = [], open = [program], found: Set<String> = []
        while let name = open.popLast() {
            guard seen.insert(name).inserted else { continue }
            found.formUnion(libraries[name] ?? [])
            open += targets[name] ?? []
        }
        try #require(seen.count > 10)
        return found
    }

    private func targetDependencies() throws -> [String: [String]] {
        let text = try ConfigurationTree.text("Package.swift")
        let target = /\.(?:target|executableTarget)\(\s*name: "([^"]+)",\s*dependencies: \[([^\]]*)\]/
        return Dictionary(
            text.matches(of: target).map { match in
                (String(match.1), match.2.matches(of: /"([^"]+)"/).map { String($0.1) })
            },
            uniquingKeysWith: { first, _ in first }
        )
    }

    private func systemLibraries() throws -> [String: [String]] {
        let text = try ConfigurationTree.text("Package.swift")
        let library = /\.systemLibrary\(name: "([^"]+)", pkgConfig: "[^"]+", providers: \[\.apt\(\[([^\]]*)\]\)\]\)/
        return Dictionary(
            text.matches(of: library).map { match in
                (String(match.1), match.2.matches(of: /"([^"]+)"/).map { String($0.1) })
            },
            uniquingKeysWith: { first, _ in first }
        )
    }
}
