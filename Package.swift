// swift-tools-version: 6.2
import PackageDescription

// Every target obeys these: strict memory safety, no implicit existential, imports named where they are used,
// and no warning is let through.
let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "fairlead",
    products: [
        .executable(name: "fairlead-agent", targets: ["fairlead-agent"]),
        .executable(name: "fairlead-bench", targets: ["fairlead-bench"]),
        .executable(name: "fairlead-gateway", targets: ["fairlead-gateway"]),
        .executable(name: "fairlead-echo", targets: ["fairlead-echo"]),
    ],
    targets: [
        // MARK: - C modules: one room opens each of them

        .target(name: "CLinux"),
        .systemLibrary(name: "CNetfilter", pkgConfig: "libnftnl", providers: [.apt(["libnftnl-dev", "libmnl-dev"])]),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CEventIO"),
        .target(name: "CTLSPipe", dependencies: ["COpenSSL"]),
        .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),

        // MARK: - Vocabulary: pure values

        .target(name: "CivilTime"),
        .target(name: "NetworkAddress"),
        .target(name: "ServiceModel", dependencies: ["NetworkAddress"]),
        .target(name: "Telemetry", dependencies: ["CivilTime"]),
        .target(name: "CommandLineOptions"),
        .target(name: "ByteBuffers"),
        .target(name: "HTTPSemantics"),

        // MARK: - Engines: pure

        .target(name: "Nftables", dependencies: ["NetworkAddress"]),
        .target(name: "ServiceRules", dependencies: ["NetworkAddress", "ServiceModel", "Nftables"]),
        .target(name: "KubernetesAPI", dependencies: ["CivilTime", "NetworkAddress"]),
        .target(name: "ListWatch", dependencies: ["KubernetesAPI"]),
        .target(name: "KubeConfig", dependencies: ["KubernetesAPI"]),
        .target(name: "ServiceDiscovery", dependencies: ["KubernetesAPI", "NetworkAddress", "ServiceModel"]),
        .target(name: "ProxyConfiguration", dependencies: ["KubernetesAPI", "NetworkAddress"]),

        .target(name: "HTTPWire", dependencies: ["ByteBuffers", "CivilTime", "HTTPSemantics"]),
        .target(
            name: "Routing",
            dependencies: [
                "ByteBuffers", "CivilTime", "HTTPSemantics", "LoadBalancing", "NetworkAddress", "PatternMatching",
            ]
        ),
        .target(name: "LoadBalancing", dependencies: ["NetworkAddress"]),
        .target(
            name: "IngressDiscovery",
            dependencies: [
                "ByteBuffers", "HTTPSemantics", "KubernetesAPI", "LoadBalancing", "NetworkAddress", "PatternMatching",
                "Routing", "TLS",
            ]
        ),

        // MARK: - Doors: the rooms that touch the world

        .target(name: "LinuxSystem", dependencies: ["CLinux", "NetworkAddress"]),
        .target(
            name: "NetfilterKernel",
            dependencies: ["CNetfilter", "LinuxSystem", "NetworkAddress", "Nftables"]
        ),
        .target(name: "Manifests", dependencies: ["CJansson", "CYAML", "KubernetesAPI", "LinuxSystem"]),

        .target(name: "Compression", dependencies: ["ByteBuffers", "CZlib"]),
        .target(name: "EventIO", dependencies: ["ByteBuffers", "CEventIO", "LinuxSystem", "NetworkAddress"]),
        .target(name: "TLS", dependencies: ["ByteBuffers", "COpenSSL", "CTLSPipe", "NetworkAddress"]),
        .target(name: "PatternMatching", dependencies: ["ByteBuffers", "CPCRE2"]),

        // MARK: - Runtimes

        .target(name: "StatusServer", dependencies: ["LinuxSystem", "NetworkAddress", "Telemetry"]),
        .target(
            name: "ClusterState",
            dependencies: [
                "ByteBuffers", "Compression", "HTTPSemantics", "HTTPWire", "KubeConfig", "KubernetesAPI", "LinuxSystem",
                "ListWatch", "Manifests", "NetworkAddress", "TLS",
            ]
        ),
        .target(
            name: "Gateway",
            dependencies: [
                "ByteBuffers", "ClusterState", "EventIO", "HTTPSemantics", "HTTPWire", "IngressDiscovery",
                "KubeConfig", "KubernetesAPI", "LinuxSystem", "ListWatch", "LoadBalancing", "NetworkAddress",
                "PatternMatching", "Routing", "StatusServer", "TLS", "Telemetry",
            ]
        ),
        .target(
            name: "NodeAgent",
            dependencies: [
                "ClusterState", "KubernetesAPI", "LinuxSystem", "NetfilterKernel", "NetworkAddress", "Nftables",
                "ProxyConfiguration", "ServiceDiscovery", "ServiceModel", "ServiceRules", "StatusServer", "Telemetry",
            ]
        ),

        // MARK: - Programs

        .executableTarget(
            name: "fairlead-agent",
            dependencies: [
                "ClusterState", "CommandLineOptions", "KubeConfig", "LinuxSystem", "ListWatch", "Manifests",
                "NetfilterKernel", "NetworkAddress", "Nftables", "NodeAgent", "ProxyConfiguration", "ServiceRules",
                "Telemetry",
            ]
        ),
        .executableTarget(
            name: "fairlead-gateway",
            dependencies: [
                "ClusterState", "CommandLineOptions", "Gateway", "IngressDiscovery", "KubeConfig", "KubernetesAPI",
                "LinuxSystem", "Manifests", "NetworkAddress", "Routing", "Telemetry",
            ]
        ),
        .executableTarget(
            name: "fairlead-bench",
            dependencies: [
                "ByteBuffers", "CommandLineOptions", "EventIO", "KubernetesAPI", "LabKit", "LinuxSystem", "Manifests",
                "NetfilterKernel", "NetworkAddress", "NodeAgent", "Nftables", "ServiceDiscovery", "ServiceModel",
                "ServiceRules", "TLS", "Telemetry",
            ]
        ),
        .executableTarget(
            name: "fairlead-echo",
            dependencies: ["CommandLineOptions", "LinuxSystem", "NetworkAddress", "Telemetry"]
        ),

        // MARK: - Test kits: the twins that stand in for a room

        .target(name: "NftablesTestKit", dependencies: ["NetworkAddress", "Nftables"]),
        .target(
            name: "APIServerTestKit",
            dependencies: ["ByteBuffers", "Compression", "KubernetesAPI", "LinuxSystem", "NetworkAddress", "TLS"]
        ),
        .target(name: "LabKit", dependencies: ["LinuxSystem", "NetworkAddress"]),

        // MARK: - Tests

        .testTarget(name: "ArchitectureTests"),
        .testTarget(name: "CivilTimeTests", dependencies: ["CivilTime"]),
        .testTarget(name: "NetworkAddressTests", dependencies: ["NetworkAddress"]),
        .testTarget(name: "ByteBuffersTests", dependencies: ["ByteBuffers"]),
        .testTarget(name: "HTTPSemanticsTests", dependencies: ["HTTPSemantics"]),
        .testTarget(name: "HTTPWireTests", dependencies: ["ByteBuffers", "HTTPSemantics", "HTTPWire"]),
        .testTarget(
            name: "RoutingTests",
            dependencies: [
                "ByteBuffers", "HTTPSemantics", "LoadBalancing", "NetworkAddress", "PatternMatching", "Routing",
            ]
        ),
        .testTarget(name: "LoadBalancingTests", dependencies: ["LoadBalancing", "NetworkAddress"]),
        .testTarget(
            name: "IngressDiscoveryTests",
            dependencies: [
                "ByteBuffers", "HTTPSemantics", "IngressDiscovery", "KubernetesAPI", "LoadBalancing", "NetworkAddress",
                "PatternMatching", "Routing", "TLS",
            ]
        ),
        .testTarget(name: "EventIOTests", dependencies: ["ByteBuffers", "EventIO", "LinuxSystem", "NetworkAddress"]),
        .testTarget(name: "TLSTests", dependencies: ["ByteBuffers", "NetworkAddress", "TLS"]),
        .testTarget(name: "PatternMatchingTests", dependencies: ["ByteBuffers", "PatternMatching"]),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "APIServerTestKit", "ByteBuffers", "ClusterState", "EventIO", "Gateway", "HTTPSemantics", "HTTPWire",
                "IngressDiscovery", "KubeConfig", "KubernetesAPI", "LinuxSystem", "ListWatch", "LoadBalancing",
                "NetworkAddress", "Routing", "TLS", "Telemetry",
            ]
        ),
        .testTarget(
            name: "GatewayEndToEndTests",
            dependencies: [
                "APIServerTestKit", "KubernetesAPI", "LabKit", "LinuxSystem", "Manifests", "NetworkAddress", "TLS",
            ]
        ),
        .testTarget(name: "CommandLineOptionsTests", dependencies: ["CommandLineOptions"]),
        .testTarget(name: "TelemetryTests", dependencies: ["Telemetry"]),
        .testTarget(name: "NftablesTests", dependencies: ["NetworkAddress", "Nftables", "NftablesTestKit"]),
        .testTarget(name: "LinuxSystemTests", dependencies: ["LabKit", "LinuxSystem", "NetworkAddress"]),
        .testTarget(
            name: "NetfilterKernelTests",
            dependencies: [
                "LabKit", "LinuxSystem", "NetfilterKernel", "NetworkAddress", "Nftables", "NftablesTestKit",
                "ServiceModel", "ServiceRules",
            ]
        ),
        .testTarget(name: "KubernetesAPITests", dependencies: ["KubernetesAPI", "NetworkAddress"]),
        .testTarget(
            name: "ManifestsTests",
            dependencies: ["KubernetesAPI", "LinuxSystem", "Manifests", "NetworkAddress"]
        ),
        .testTarget(name: "CompressionTests", dependencies: ["ByteBuffers", "Compression"]),
        .testTarget(name: "ListWatchTests", dependencies: ["KubernetesAPI", "ListWatch", "Manifests"]),
        .testTarget(name: "KubeConfigTests", dependencies: ["KubeConfig", "KubernetesAPI", "Manifests"]),
        .testTarget(
            name: "ClusterStateTests",
            dependencies: [
                "APIServerTestKit", "ClusterState", "KubeConfig", "KubernetesAPI", "LinuxSystem", "ListWatch",
                "NetworkAddress", "TLS",
            ]
        ),
        .testTarget(
            name: "ProxyConfigurationTests",
            dependencies: ["KubernetesAPI", "Manifests", "NetworkAddress", "ProxyConfiguration"]
        ),
        .testTarget(
            name: "ServiceDiscoveryTests",
            dependencies: ["KubernetesAPI", "NetworkAddress", "ServiceDiscovery", "ServiceModel"]
        ),
        .testTarget(
            name: "ServiceRulesTests",
            dependencies: ["NetworkAddress", "Nftables", "NftablesTestKit", "ServiceModel", "ServiceRules"]
        ),
        .testTarget(
            name: "StatusServerTests",
            dependencies: ["LinuxSystem", "NetworkAddress", "StatusServer", "Telemetry"]
        ),
        .testTarget(
            name: "NodeAgentTests",
            dependencies: [
                "ClusterState", "KubernetesAPI", "LinuxSystem", "NetfilterKernel", "NetworkAddress", "NodeAgent",
                "Nftables", "NftablesTestKit", "ProxyConfiguration", "ServiceDiscovery", "ServiceModel", "ServiceRules",
                "StatusServer", "Telemetry",
            ]
        ),
        .testTarget(
            name: "BenchTests",
            dependencies: ["CommandLineOptions", "LabKit", "LinuxSystem", "NetworkAddress", "fairlead-bench"]
        ),
        .testTarget(
            name: "AgentEndToEndTests",
            dependencies: [
                "APIServerTestKit", "KubernetesAPI", "LabKit", "LinuxSystem", "Manifests", "NetworkAddress", "TLS",
            ]
        ),
        .testTarget(name: "DeploymentTests", dependencies: ["KubernetesAPI", "ListWatch", "Manifests"]),
    ]
)

// MARK: - Fuzzing: built by Tests/Fuzz/run, which sets the variable and the sanitizers

if Context.environment["FAIRLEAD_FUZZ"] != nil {
    package.targets.append(.systemLibrary(name: "CLibFuzzer", path: "Tests/Fuzz/CLibFuzzer"))
    for format in ["YAML", "JSON"] {
        package.targets.append(
            .executableTarget(
                name: "fuzz-\(format.lowercased())",
                dependencies: ["CLibFuzzer", "KubernetesAPI", "Manifests"],
                path: "Tests/Fuzz/\(format)"
            )
        )
    }
    for part in ["Request", "Response", "Chunked", "Path"] {
        package.targets.append(
            .executableTarget(
                name: "fuzz-\(part.lowercased())",
                dependencies: ["ByteBuffers", "CLibFuzzer", "HTTPSemantics", "HTTPWire"],
                path: "Tests/Fuzz/\(part)"
            )
        )
    }
}

let cTargets: Set = ["CLinux", "CEventIO", "CTLSPipe"]
for target in package.targets where target.type != .system && !cTargets.contains(target.name) {
    target.swiftSettings = (target.swiftSettings ?? []) + strict
}
