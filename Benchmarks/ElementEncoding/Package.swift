// swift-tools-version: 6.2
import PackageDescription

// The rooms are links to the product's own: what is measured is internal to them, and `package` access ends at a
// package's border.
let package = Package(
    name: "fairlead-element-encoding",
    targets: [
        .target(name: "CLinux"),
        .systemLibrary(name: "CNetfilter", pkgConfig: "libnftnl", providers: [.apt(["libnftnl-dev", "libmnl-dev"])]),
        .target(name: "NetworkAddress"),
        .target(name: "Nftables", dependencies: ["NetworkAddress"]),
        .target(name: "LinuxSystem", dependencies: ["CLinux", "NetworkAddress"]),
        .target(name: "NetfilterKernel", dependencies: ["CNetfilter", "LinuxSystem", "NetworkAddress", "Nftables"]),
        .target(name: "CElementObjects", dependencies: ["CNetfilter"]),
        .executableTarget(
            name: "element-encoding",
            dependencies: ["CElementObjects", "NetfilterKernel", "NetworkAddress", "Nftables"]
        ),
    ]
)

for target in package.targets where !target.name.hasPrefix("C") {
    target.swiftSettings = [
        .strictMemorySafety(),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableExperimentalFeature("Lifetimes"),
        .treatAllWarnings(as: .error),
        // The encoder is internal to its room.
        .unsafeFlags(["-enable-testing"]),
    ]
}
