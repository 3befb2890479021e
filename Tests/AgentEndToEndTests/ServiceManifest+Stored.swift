import APIServerTestKit
import LabKit
import NetworkAddress

/// The collections of an API server that an agent follows.
enum Collections {
    static let services = "/api/v1/services"
    static let slices = "/apis/discovery.k8s.io/v1/endpointslices"
    static let nodes = "/api/v1/nodes"
    static let serviceCIDRs = "/apis/networking.k8s.io/v1/servicecidrs"
}

extension ServiceManifest {
    /// The Service as an API server prints it, with more members of `spec`, such as `"type":"NodePort",`.
    func storedService(_ more: String = "") -> StoredObject {
        let ports = ["TCP", "UDP"].map { transport in
            #"{"name":"\#(transport.lowercased())","protocol":"\#(transport)","port":\#(Self.port),"#
                + #""targetPort":\#(ServiceLab.echoPort)}"#
        }
        return StoredObject(
            namespace: namespace,
            name: name,
            fields: ["spec.clusterIP": clusterIP(.ipv4)],
            text: #"{\#(metadata(name, "")),"spec":{\#(more)"#
                + #""clusterIP":"\#(clusterIP(.ipv4))","clusterIPs":["\#(clusterIP(.ipv4))","\#(clusterIP(.ipv6))"],"#
                + #""ipFamilies":["IPv4","IPv6"],"ports":[\#(ports.joined(separator: ","))],"sessionAffinity":"None"},"#
                + #""status":{"loadBalancer":{}}}"#
        )
    }

    /// Its EndpointSlices as an API server prints them, one for each family.
    ///
    /// - Parameter trigger: When the change happened that they tell of, as the controller of slices writes it.
    /// - Returns: The slices.
    func storedSlices(trigger: String? = nil) -> [StoredObject] {
        AddressFamily.allCases.map { family in
            let labels = #""labels":{"kubernetes.io/service-name":"\#(name)"},"#
            let note = trigger.map {
                #""annotations":{"endpoints.kubernetes.io/last-change-trigger-time":"\#($0)"},"#
            }
            let entries = (endpoints ?? []).map { endpoint in
                #"{"addresses":["\#(endpoint.addresses[family] ?? "")"],"nodeName":"\#(endpoint.nodeName ?? "")","#
                    + #""conditions":{"ready":true,"serving":true,"terminating":false}}"#
            }
            let port = ServiceLab.echoPort
            return StoredObject(
                namespace: namespace,
                name: "\(name)-\("\(family)".lowercased())",
                labels: ["kubernetes.io/service-name": name],
                text: #"{\#(metadata("\(name)-\("\(family)".lowercased())", labels + (note ?? ""))),"#
                    + #""addressType":"\#(family)","endpoints":\#(entries.isEmpty ? "null" : "[\(entries.joined(separator: ","))]"),"#
                    + #""ports":[{"name":"tcp","port":\#(port),"protocol":"TCP"},"#
                    + #"{"name":"udp","port":\#(port),"protocol":"UDP"}]}"#
            )
        }
    }

    private func metadata(_ name: String, _ more: String) -> String {
        #""metadata":{"name":"\#(name)","namespace":"\#(namespace)",\#(more)"uid":"8f14e45f-ceea-467f-a8a8-4d0b1a0c7c11","#
            + #""resourceVersion":"@version@","creationTimestamp":"2026-05-04T03:02:01Z","managedFields":[{"manager":"#
            + #""kube-controller-manager","operation":"Update","fieldsV1":{"f:metadata":{"f:labels":{".":{}}}}}]}"#
    }
}
