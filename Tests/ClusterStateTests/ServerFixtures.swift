import APIServerTestKit
import KubeConfig
import KubernetesAPI
import LinuxSystem
import ListWatch
import NetworkAddress
import Testing

@testable import ClusterState

/// The collections that tests put objects into.
enum Paths {
    static let services = "/api/v1/services"
    static let slices = "/apis/discovery.k8s.io/v1/endpointslices"
    static let nodes = "/api/v1/nodes"
    static let serviceCIDRs = "/apis/networking.k8s.io/v1/servicecidrs"
}

/// A Service as an API server prints it.
func service(
    _ name: String,
    port: Int = 80,
    labels: [String: String] = [:],
    clusterIP: String = "10.96.0.1"
) -> StoredObject {
    let labelText = labels.map { #""\#($0.key)":"\#($0.value)""# }.joined(separator: ",")
    return StoredObject(
        name: name,
        labels: labels,
        fields: ["spec.clusterIP": clusterIP],
        text:
            #"{"metadata":{"name":"\#(name)","namespace":"default","uid":"8f14e45f-ceea-467f-a8a8","resourceVersion":"@version@","#
            + #""creationTimestamp":"2026-05-04T03:02:01Z","labels":{\#(labelText)},"managedFields":[{"manager":"helm","#
            + #""operation":"Update","fieldsV1":{"f:spec":{"f:ports":{"k:{\"port\":80,\"protocol\":\"TCP\"}":{}}}}}]},"#
            + #""spec":{"ports":[{"name":"http","protocol":"TCP","port":\#(port),"targetPort":8080}],"#
            + #""clusterIP":"\#(clusterIP)","clusterIPs":["\#(clusterIP)"],"type":"ClusterIP","sessionAffinity":"None","#
            + #""ipFamilyPolicy":"SingleStack","newField":{"of":["a","later",1.5,null]}},"status":{"loadBalancer":{}}}"#
    )
}

/// An EndpointSlice as an API server prints it; lists that are empty are null.
func slice(_ name: String, of service: String, addresses: [String]) -> StoredObject {
    let endpoints = addresses.map {
        #"{"addresses":["\#($0)"],"conditions":{"ready":true},"targetRef":{"kind":"Pod"}}"#
    }
    return StoredObject(
        name: name,
        labels: ["kubernetes.io/service-name": service],
        text: #"{"metadata":{"name":"\#(name)","namespace":"default","resourceVersion":"@version@","#
            + #""labels":{"kubernetes.io/service-name":"\#(service)"},"managedFields":null},"addressType":"IPv4","#
            + #""endpoints":\#(endpoints.isEmpty ? "null" : "[" + endpoints.joined(separator: ",") + "]"),"#
            + #""ports":[{"name":"http","port":8080,"protocol":"TCP"}]}"#
    )
}

/// The access to a server on this machine, in the clear.
func access(to server: StandInAPIServer) -> ClusterAccess {
    ClusterAccess(server: ServerAddress(isSecure: false, host: "127.0.0.1", port: server.port.rawValue))
}

/// A reader of a source that keeps what it was told, as an agent does.
final class Reader {
    let source: APIServerSource
    private(set) var objects: [ObjectReference: KubernetesObject] = [:]
    private(set) var problems: Set<ObjectProblem> = []
    /// Every removal that was told.
    private(set) var removals: [ObjectReference] = []
    /// The number of changes that were told.
    private(set) var changeCount = 0

    init(
        _ access: ClusterAccess,
        _ resources: [WatchedResource] = [.services],
        limits: APIRequestLimits = APIRequestLimits()
    ) throws {
        source = try APIServerSource(
            access: access,
            resources: resources,
            agent: "fairlead/test (linux/amd64)",
            limits: limits,
            // Waits as an operator has them would make every test one of seconds.
            backoff: RetryBackoff(from: .milliseconds(1), to: .milliseconds(20))
        )
    }

    convenience init(_ server: StandInAPIServer, _ resources: [WatchedResource] = [.services]) throws {
        try self.init(access(to: server), resources)
    }

    /// Runs the loop until something is true; false when that takes very long.
    @discardableResult
    func run(until isDone: () -> Bool) -> Bool {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            step()
            if isDone() { return true }
            var waits = [Readiness(of: source.descriptor, reading: true)]
            let deadline = min(source.nextDeadline ?? end, .now + .milliseconds(50))
            _ = try? Readiness.wait(for: &waits, timeout: max(.zero, deadline - .now))
        }
        return false
    }

    func step() {
        let news = source.read()
        changeCount += news.changes.count
        for change in news.changes {
            switch change {
            case .applied(let object): objects[object.reference] = object
            case .removed(let reference):
                objects[reference] = nil
                removals.append(reference)
            }
        }
        problems.formUnion(news.appeared)
        problems.subtract(news.cleared)
    }

    /// The names of all objects, in order.
    var names: [String] { objects.keys.map(\.name).sorted() }

    /// The first port of a Service.
    func port(of name: String) -> UInt16? {
        let reference = ObjectReference(kind: .service, namespace: "default", name: name)
        guard case .service(let service) = objects[reference] else { return nil }
        return service.ports.first?.port.rawValue
    }
}
