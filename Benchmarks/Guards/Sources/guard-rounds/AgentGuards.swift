internal import KubernetesAPI
@testable internal import NetfilterKernel
internal import NetworkAddress
internal import Nftables
internal import ServiceDiscovery
internal import ServiceModel
internal import ServiceRules

/// The way from a changed EndpointSlice to the bytes for the kernel, at 1,000 Services of four endpoints.
var agentGuards: [Guard] {
    [
        Guard(name: "discovery", unit: "change", rounds: (100, 600), unitsPerRound: 1) {
            let cluster = Cluster()
            return { round in
                let index = (round * 7919) % Cluster.services
                cluster.directory.apply(.applied(.endpointSlice(Cluster.slice(index, shift: round % 2 + 1))))
                let snapshots = cluster.directory.takeChangedSnapshots()
                guard snapshots.count == 1, snapshots[0].frontEnds.count == 1 else { throw Undone("nothing changed") }
            }
        },
        Guard(name: "plan-change", unit: "change", rounds: (100, 600), unitsPerRound: 1) {
            let cluster = Cluster()
            var plane = DataPlane(configuration: DataPlaneConfiguration())
            plane.adopt(plane.rebuild(replacing: [:], changing: cluster.snapshots))
            let changed = (0..<2).map { round in cluster.changed(shift: round + 1) }
            return { round in
                let index = (round * 7919) % Cluster.services
                // The same Service comes again after all others.
                let plan = plane.plan([changed[round / Cluster.services % 2][index]])
                // One endpoint goes and one comes; its slot stays, so that the element is deleted and added.
                guard plan.transaction.elementCount > 0, plan.departed.count == 1 else {
                    throw Undone("nothing changed")
                }
                plane.adopt(plan)
            }
        },
        Guard(name: "plan-all", unit: "Service", rounds: (1, 4), unitsPerRound: Cluster.services) {
            let snapshots = Cluster().snapshots
            return { _ in
                let plane = DataPlane(configuration: DataPlaneConfiguration())
                let plan = plane.rebuild(replacing: [:], changing: snapshots)
                guard plan.transaction.elementCount >= Cluster.services * 5 else { throw Undone("there is no plan") }
            }
        },
        Guard(name: "encode-element", unit: "element", rounds: (2, 12), unitsPerRound: 4000) {
            var elements: [Element] = []
            for number in 0..<4000 {
                guard let port = Port(80), let targetPort = Port(8080) else { throw Undone("these are ports") }
                let service = IPAddress(ipv4: 10 << 24 | 96 << 16 | UInt32(number / 4))
                let endpoint = IPAddress(ipv4: 10 << 24 | 1 << 23 | UInt32(number))
                elements.append(
                    Element(
                        PackedFields(service, .tcp, port).appending(number: UInt32(number % 4)),
                        .fields(PackedFields(TransportAddress(endpoint, targetPort))),
                        comment: "default/web-\(number / 4):http"
                    )
                )
            }
            let transaction = Transaction([.addElements(Table(.ip, "fairlead"), set: "endpoints", elements)])
            var encoder = BatchEncoder()
            return { _ in
                encoder.encode(transaction, firstSequence: 1, generation: nil)
                // Each has a key of four words, data of two, and a comment.
                guard encoder.messages.count > elements.count * 60 else { throw Undone("nothing was encoded") }
            }
        },
    ]
}

/// 1,000 Services with a slice of four endpoints each, and what is discovered of them.
private final class Cluster {
    static let services = 1000

    var directory = ServiceDirectory(nodeName: "guard-node")
    let snapshots: [ServiceSnapshot]

    init() {
        for index in 0..<Self.services {
            let service = Service(
                metadata: ObjectMetadata(namespace: "team-\(index % 50)", name: "service-\(index)"),
                clusterIPs: [IPAddress(ipv4: (10 << 24) + (96 << 16) + UInt32(index) + 1)],
                ports: [.init(name: "http", port: Self.port(80), targetPort: .number(Self.port(8080)))]
            )
            directory.apply(.applied(.service(service)))
            directory.apply(.applied(.endpointSlice(Self.slice(index, shift: 0))))
        }
        snapshots = directory.takeChangedSnapshots()
    }

    /// The snapshots of all Services, in the order of their numbers, after an endpoint of each was replaced.
    func changed(shift: Int) -> [ServiceSnapshot] {
        for index in 0..<Self.services { directory.apply(.applied(.endpointSlice(Self.slice(index, shift: shift)))) }
        return directory.takeChangedSnapshots().sorted { $0.service < $1.service }
    }

    /// The slice of a Service, whose last endpoint is another for each shift.
    static func slice(_ index: Int, shift: Int) -> EndpointSlice {
        EndpointSlice(
            metadata: ObjectMetadata(
                namespace: "team-\(index % 50)",
                name: "service-\(index)-abcde",
                labels: [EndpointSlice.serviceNameLabel: "service-\(index)"]
            ),
            addressType: .ipv4,
            ports: [.init(name: "http", port: port(8080))],
            endpoints: [0, 1, 2, 3 + shift].map { number in
                .init(address: IPAddress(ipv4: (128 << 24) + UInt32(index * 8 + number)), nodeName: "other-node")
            }
        )
    }

    private static func port(_ number: Int) -> Port {
        guard let port = Port(number) else { preconditionFailure("\(number) is a port") }
        return port
    }
}
