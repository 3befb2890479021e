// swift-tools-version: 6.2
import PackageDescription

// The rooms are links to the product's own: `package` access ends at a package's border.
let package = Package(
    name: "fairlead-routing",
    targets: [
        .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
        .target(name: "CivilTime"),
        .target(name: "ByteBuffers"),
        .target(name: "HTTPSemantics"),
        .target(name: "NetworkAddress"),
        .target(name: "LoadBalancing", dependencies: ["NetworkAddress"]),
        .target(name: "PatternMatching", dependencies: ["ByteBuffers", "CPCRE2"]),
        .target(
            name: "Routing",
            dependencies: [
                "ByteBuffers", "CivilTime", "HTTPSemantics", "LoadBalancing", "NetworkAddress", "PatternMatching",
            ]
        ),
        .executableTarget(
            name: "routing-lookup",
            dependencies: ["ByteBuffers", "LoadBalancing", "PatternMatching", "Routing"]
        ),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .strictMemorySafety(),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableExperimentalFeature("Lifetimes"),
        .treatAllWarnings(as: .error),
    ]
}
