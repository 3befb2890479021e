import Testing

/// The module map: which room may import what.
///
/// Change the table when a better cut is found, in the commit that makes the cut.
struct `The module map` {
    /// Every target below `Sources`, and all that its Swift files may import.
    static let rooms: [String: Set<String>] = [
        // C modules: a module map and a shim, no Swift.
        "CLinux": [], "CNetfilter": [], "CYAML": [], "CJansson": [], "COpenSSL": [], "CTLSPipe": ["COpenSSL"],
        "CPCRE2": [], "CEventIO": [], "CZlib": [],

        // Vocabulary.
        "CivilTime": [],
        "NetworkAddress": [],
        "ServiceModel": ["NetworkAddress"],
        "Telemetry": ["CivilTime", "Synchronization"],
        "CommandLineOptions": [],
        "ByteBuffers": ["Glibc"],
        "HTTPSemantics": [],

        // Engines.
        "Nftables": ["NetworkAddress"],
        "ServiceRules": ["NetworkAddress", "Nftables", "ServiceModel"],
        "KubernetesAPI": ["CivilTime", "NetworkAddress"],
        "ListWatch": ["KubernetesAPI"],
        "KubeConfig": ["KubernetesAPI"],
        "ServiceDiscovery": ["KubernetesAPI", "NetworkAddress", "ServiceModel"],
        "ProxyConfiguration": ["KubernetesAPI", "NetworkAddress"],
        "HTTPWire": ["ByteBuffers", "CivilTime", "HTTPSemantics"],
        "Routing": [
            "ByteBuffers", "CivilTime", "HTTPSemantics", "LoadBalancing", "NetworkAddress", "PatternMatching",
        ],
        "LoadBalancing": ["NetworkAddress"],
        "IngressDiscovery": [
            "ByteBuffers", "HTTPSemantics", "KubernetesAPI", "LoadBalancing", "NetworkAddress", "PatternMatching",
            "Routing", "TLS",
        ],

        // Doors.
        "LinuxSystem": ["CLinux", "Glibc", "NetworkAddress", "Synchronization"],
        "NetfilterKernel": ["CNetfilter", "Glibc", "LinuxSystem", "NetworkAddress", "Nftables", "Synchronization"],
        "Manifests": ["CJansson", "CYAML", "Glibc", "KubernetesAPI", "LinuxSystem", "NetworkAddress"],
        "Compression": ["ByteBuffers", "CZlib"],
        "EventIO": ["ByteBuffers", "CEventIO", "Glibc", "LinuxSystem", "NetworkAddress"],
        "TLS": ["ByteBuffers", "COpenSSL", "CTLSPipe", "Glibc", "NetworkAddress", "Synchronization"],
        "PatternMatching": ["ByteBuffers", "CPCRE2"],

        // Runtimes.
        "ClusterState": [
            "ByteBuffers", "Compression", "HTTPSemantics", "HTTPWire", "KubeConfig", "KubernetesAPI", "LinuxSystem",
            "ListWatch", "Manifests", "NetworkAddress", "Synchronization", "TLS",
        ],
        "NodeAgent": [
            "ClusterState", "KubernetesAPI", "LinuxSystem", "NetfilterKernel", "NetworkAddress", "Nftables",
            "ProxyConfiguration", "ServiceDiscovery", "ServiceModel", "ServiceRules", "StatusServer", "Synchronization",
            "Telemetry",
        ],
        "Gateway": [
            "ByteBuffers", "ClusterState", "EventIO", "HTTPSemantics", "HTTPWire", "IngressDiscovery", "KubeConfig",
            "KubernetesAPI", "LinuxSystem", "ListWatch", "LoadBalancing", "NetworkAddress", "PatternMatching",
            "Routing", "StatusServer", "Synchronization", "TLS", "Telemetry",
        ],
        "StatusServer": ["LinuxSystem", "NetworkAddress", "Synchronization", "Telemetry"],

        // Programs.
        "fairlead-agent": [
            "ClusterState", "CommandLineOptions", "KubeConfig", "LinuxSystem", "ListWatch", "Manifests",
            "NetfilterKernel", "NetworkAddress", "Nftables", "NodeAgent", "ProxyConfiguration", "ServiceRules",
            "Telemetry",
        ],
        "fairlead-gateway": [
            "ClusterState", "CommandLineOptions", "Gateway", "IngressDiscovery", "KubeConfig", "KubernetesAPI",
            "LinuxSystem", "Manifests", "NetworkAddress", "Routing", "Telemetry",
        ],
        "fairlead-bench": [
            "ByteBuffers", "CommandLineOptions", "EventIO", "KubernetesAPI", "LabKit", "LinuxSystem", "Manifests",
            "NetfilterKernel", "NetworkAddress", "NodeAgent", "Nftables", "ServiceDiscovery", "ServiceModel",
            "ServiceRules",
            "Synchronization", "TLS", "Telemetry",
        ],
        "fairlead-echo": ["CommandLineOptions", "LinuxSystem", "NetworkAddress", "Telemetry"],

        // Test kits.
        "NftablesTestKit": ["NetworkAddress", "Nftables"],
        "APIServerTestKit": [
            "ByteBuffers", "Compression", "KubernetesAPI", "LinuxSystem", "NetworkAddress", "Synchronization", "TLS",
        ],
        "LabKit": ["Glibc", "LinuxSystem", "NetworkAddress", "Synchronization"],
    ]

    /// The one room that opens each C library.
    static let owners = [
        "CLinux": "LinuxSystem", "CNetfilter": "NetfilterKernel", "CYAML": "Manifests", "CJansson": "Manifests",
        "COpenSSL": "TLS", "CTLSPipe": "TLS", "CPCRE2": "PatternMatching", "CEventIO": "EventIO",
        "CZlib": "Compression",
    ]

    /// The rooms where the compiler's proof of memory safety ends; LabKit is the door of tests and benches.
    static let doors: Set = [
        "ByteBuffers", "Compression", "EventIO", "LinuxSystem", "LabKit", "Manifests", "NetfilterKernel",
        "PatternMatching", "TLS",
    ]

    /// The folder of the gateway's worker and its slabs, whose every use of unsafe code has its reason.
    static let worker = "Sources/Gateway/Worker/"

    @Test func `every room is in the table, and every row of the table is a room`() {
        let folders = Set(SourceTree.names(in: "Sources"))
        #expect(folders.subtracting(Self.rooms.keys).sorted() == [], "rooms without a row in the table")
        #expect(Set(Self.rooms.keys).subtracting(folders).sorted() == [], "rows without a room")
    }

    @Test func `a room imports only what the table allows`() {
        for file in SourceTree.sources {
            let allowed = Self.rooms[file.room] ?? []
            for (module, place) in imports(of: file) where !allowed.contains(module) {
                Issue.record("\(place): \(file.room) may not import \(module); see the table in \(#fileID)")
            }
        }
    }

    @Test func `a target depends only on what the table allows`() {
        for (target, dependencies) in declaredDependencies() {
            for dependency in dependencies where Self.rooms[target]?.contains(dependency) == false {
                Issue.record("Package.swift: \(target) may not depend on \(dependency); see the table in \(#fileID)")
            }
        }
    }

    @Test func `one room opens each C library`() {
        for (library, owner) in Self.owners {
            // A C module on top of another belongs to the same owner.
            let openers = Self.rooms.filter { $0.value.contains(library) && Self.owners[$0.key] != owner }
            #expect(openers.map(\.key) == [owner], "in the table: \(library)")
        }
        for file in SourceTree.sources {
            for (module, place) in imports(of: file) {
                let owner = Self.owners[module] ?? file.room
                #expect(owner == file.room, "\(place): only \(owner) may import \(module)")
            }
        }
    }

    @Test func `the table has no circle`() {
        var settled: Set<String> = []
        var rest = Self.rooms
        while !rest.isEmpty {
            let free = rest.filter { $0.value.allSatisfy { settled.contains($0) || Self.rooms[$0] == nil } }.keys
            guard !free.isEmpty else {
                Issue.record("these rooms need each other: \(rest.keys.sorted())")
                return
            }
            for room in free { rest[room] = nil }
            settled.formUnion(free)
        }
    }

    @Test func `nothing imports Foundation`() {
        for file in SourceTree.sources {
            for (module, place) in imports(of: file) where module.hasPrefix("Foundation") {
                Issue.record("\(place): Foundation costs more memory than the agent's whole budget")
            }
        }
    }

    @Test func `unsafe code stays in the doors`() throws {
        let word = try Regex(#"\bunsafe\b|\bUnsafe\w+|\bOpaquePointer\b"#)
        for file in SourceTree.sources where !Self.doors.contains(file.room) && !file.path.hasPrefix(Self.worker) {
            for (index, line) in codeLines(of: file).enumerated() where line.contains(word) {
                Issue.record("\(file.place(index)): \(file.room) is no door, so it may not be unsafe")
            }
        }
    }

    /// The modules that a file imports, with the places where it does.
    private func imports(of file: SourceTree.File) -> [(module: String, place: String)] {
        codeLines(of: file).enumerated().compactMap { index, line in
            let words = line.split(separator: " ")
            guard let position = words.firstIndex(of: "import"), position < 3, words.count > position + 1,
                words[..<position].allSatisfy({ $0.hasPrefix("@") || Self.accessWords.contains(String($0)) })
            else { return nil }
            // `import struct Module.Type` names a kind of declaration first.
            let name = words[words.count - 1].split(separator: ".")[0]
            return (String(name), file.place(index))
        }
    }

    private static let accessWords: Set = ["package", "internal", "private", "fileprivate", "public"]

    /// The targets below `Sources` and their dependencies, as Package.swift lists them.
    private func declaredDependencies() -> [(target: String, dependencies: [String])] {
        let text = SourceTree.text(of: "Package.swift")
        let declaration = #/(?:target|executableTarget)\(\s*name: "([^"]+)",\s*dependencies: \[([^\]]*)\]/#
        return text.matches(of: declaration).compactMap { match in
            let target = String(match.1)
            guard Self.rooms[target] != nil else { return nil }
            let names = match.2.split(separator: ",").compactMap { $0.split(separator: "\"").dropFirst().first }
            return (target, names.map(String.init))
        }
    }

    @Test func `the declarations of Package.swift are read`() {
        // Guards the tests above against reading nothing.
        #expect(declaredDependencies().count > 10)
        #expect(SourceTree.sources.count > 20)
        #expect(SourceTree.sources.contains { !imports(of: $0).isEmpty })
    }
}
