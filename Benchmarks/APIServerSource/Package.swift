// swift-tools-version: 6.2
import PackageDescription

// The rooms are links to the product's own: `package` access ends at a package's border.
let package = Package(
    name: "fairlead-api-server-source",
    targets: [
        .target(name: "CLinux"),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CJansson", pkgConfig: "jansson", providers: [.apt(["libjansson-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CTLSPipe", dependencies: ["COpenSSL"]),
        .target(name: "CivilTime"),
        .target(name: "NetworkAddress"),
        .target(name: "ServiceModel", dependencies: ["NetworkAddress"]),
        .target(name: "ByteBuffers"),
        .target(name: "HTTPSemantics"),
        .target(name: "HTTPWire", dependencies: ["ByteBuffers", "CivilTime", "HTTPSemantics"]),
        .target(name: "KubernetesAPI", dependencies: ["CivilTime", "NetworkAddress"]),
        .target(name: "ListWatch", dependencies: ["KubernetesAPI"]),
        .target(name: "KubeConfig", dependencies: ["KubernetesAPI"]),
        .target(name: "ServiceDiscovery", dependencies: ["KubernetesAPI", "NetworkAddress", "ServiceModel"]),
        .target(name: "LinuxSystem", dependencies: ["CLinux", "NetworkAddress"]),
        .target(name: "Manifests", dependencies: ["CJansson", "CYAML", "KubernetesAPI", "LinuxSystem"]),
        .target(name: "Compression", dependencies: ["ByteBuffers", "CZlib"]),
        .target(name: "TLS", dependencies: ["ByteBuffers", "COpenSSL", "CTLSPipe", "NetworkAddress"]),
        .target(
            name: "ClusterState",
            dependencies: [
                "ByteBuffers", "Compression", "HTTPSemantics", "HTTPWire", "KubeConfig", "KubernetesAPI", "LinuxSystem",
                "ListWatch", "Manifests", "NetworkAddress", "TLS",
            ]
        ),
        .target(
            name: "APIServerTestKit",
            dependencies: ["ByteBuffers", "Compression", "KubernetesAPI", "LinuxSystem", "NetworkAddress", "TLS"]
        ),
        .executableTarget(
            name: "cluster-server",
            dependencies: ["APIServerTestKit", "LinuxSystem", "NetworkAddress"]
        ),
        .executableTarget(
            name: "cluster-client",
            dependencies: [
                "ClusterState", "KubeConfig", "KubernetesAPI", "LinuxSystem", "ListWatch", "ServiceDiscovery",
            ]
        ),
    ]
)

let cTargets: Set = ["CLinux", "CYAML", "CJansson", "COpenSSL", "CZlib", "CTLSPipe"]
for target in package.targets where !cTargets.contains(target.name) {
    target.swiftSettings = [
        .strictMemorySafety(),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableExperimentalFeature("Lifetimes"),
        .treatAllWarnings(as: .error),
    ]
}
