// swift-tools-version: 6.2
import PackageDescription

// The rooms are links to the product's own: `package` access ends at a package's border.
let package = Package(
    name: "fairlead-guards",
    targets: [
        .target(name: "CLinux"),
        .systemLibrary(name: "CNetfilter", pkgConfig: "libnftnl", providers: [.apt(["libnftnl-dev", "libmnl-dev"])]),
        .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
        .target(name: "CivilTime"),
        .target(name: "NetworkAddress"),
        .target(name: "ServiceModel", dependencies: ["NetworkAddress"]),
        .target(name: "ByteBuffers"),
        .target(name: "HTTPSemantics"),
        .target(name: "Nftables", dependencies: ["NetworkAddress"]),
        .target(name: "ServiceRules", dependencies: ["NetworkAddress", "ServiceModel", "Nftables"]),
        .target(name: "KubernetesAPI", dependencies: ["CivilTime", "NetworkAddress"]),
        .target(name: "ServiceDiscovery", dependencies: ["KubernetesAPI", "NetworkAddress", "ServiceModel"]),
        .target(name: "HTTPWire", dependencies: ["ByteBuffers", "CivilTime", "HTTPSemantics"]),
        .target(name: "LoadBalancing", dependencies: ["NetworkAddress"]),
        .target(name: "PatternMatching", dependencies: ["ByteBuffers", "CPCRE2"]),
        .target(
            name: "Routing",
            dependencies: [
                "ByteBuffers", "CivilTime", "HTTPSemantics", "LoadBalancing", "NetworkAddress", "PatternMatching",
            ]
        ),
        .target(name: "LinuxSystem", dependencies: ["CLinux", "NetworkAddress"]),
        // The encoder is internal to its room.
        .target(
            name: "NetfilterKernel",
            dependencies: ["CNetfilter", "LinuxSystem", "NetworkAddress", "Nftables"],
            swiftSettings: [.unsafeFlags(["-enable-testing"])]
        ),
        .executableTarget(
            name: "guard-rounds",
            dependencies: [
                "ByteBuffers", "HTTPSemantics", "HTTPWire", "KubernetesAPI", "LinuxSystem", "NetfilterKernel",
                "NetworkAddress", "Nftables", "PatternMatching", "Routing", "ServiceDiscovery", "ServiceModel",
                "ServiceRules",
            ]
        ),
    ]
)

for target in package.targets where target.type != .system && target.name != "CLinux" {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .strictMemorySafety(),
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableExperimentalFeature("Lifetimes"),
            .treatAllWarnings(as: .error),
        ]
}
