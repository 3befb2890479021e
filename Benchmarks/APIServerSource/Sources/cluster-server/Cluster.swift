import APIServerTestKit

/// The Services of a cluster and their slices of four endpoints, as an API server prints what Helm has installed.
enum Cluster {
    static func service(_ number: Int) -> StoredObject {
        let name = "checkout-service-\(number)"
        let address = "10.\(96 + number / 65536).\(number / 256 % 256).\(number % 256)"
        let labels = self.labels(name)
        let fields =
            #"{"f:metadata":{"f:annotations":{".":{},"f:meta.helm.sh/release-name":{},"#
            + #""f:meta.helm.sh/release-namespace":{}},"f:labels":{".":{},"f:app.kubernetes.io/instance":{},"#
            + #""f:app.kubernetes.io/managed-by":{},"f:app.kubernetes.io/name":{},"f:helm.sh/chart":{}}},"#
            + #""f:spec":{"f:internalTrafficPolicy":{},"f:ports":{".":{},"k:{\"port\":80,\"protocol\":\"TCP\"}":"#
            + #"{".":{},"f:name":{},"f:port":{},"f:protocol":{},"f:targetPort":{}}},"f:selector":{},"#
            + #""f:sessionAffinity":{},"f:type":{}}}"#
        let text =
            #"{"metadata":{"name":"\#(name)","namespace":"\#(namespace(number))","uid":"\#(uid(number, "8f14e45f"))","#
            + #""resourceVersion":"@version@","creationTimestamp":"2026-05-04T03:02:01Z","labels":{\#(labels)},"#
            + #""annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"kind\":\"Service\"}\n","#
            + #""meta.helm.sh/release-name":"\#(name)","meta.helm.sh/release-namespace":"\#(namespace(number))"},"#
            + #""managedFields":[{"manager":"helm","operation":"Update","apiVersion":"v1","#
            + #""time":"2026-05-04T03:02:01Z","fieldsType":"FieldsV1","fieldsV1":\#(fields)}]},"spec":{"ports":[{"#
            + #""name":"http","protocol":"TCP","port":80,"targetPort":"http"}],"selector":{\#(labels)},"#
            + #""clusterIP":"\#(address)","clusterIPs":["\#(address)"],"type":"ClusterIP","#
            + #""sessionAffinity":"None","ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack","#
            + #""internalTrafficPolicy":"Cluster"},"status":{"loadBalancer":{}}}"#
        return StoredObject(
            namespace: namespace(number),
            name: name,
            fields: ["spec.clusterIP": address],
            text: text
        )
    }

    static func slice(_ number: Int) -> StoredObject {
        let name = "checkout-service-\(number)"
        let endpoints = (0..<4).map { pod in
            #"{"addresses":["10.\#(128 + number / 65536).\#(number / 256 % 256).\#(number % 64 * 4 + pod)"],"#
                + #""conditions":{"ready":true,"serving":true,"terminating":false},"targetRef":{"kind":"Pod","#
                + #""namespace":"\#(namespace(number))","name":"\#(name)-5d59d67564-abcd\#(pod)","#
                + #""uid":"\#(uid(number, "af14e45f"))"},"nodeName":"node-\#(pod)","zone":"eu-1"}"#
        }
        let fields =
            #"{"f:addressType":{},"f:endpoints":{},"f:metadata":{"f:annotations":{".":{},"#
            + #""f:endpoints.kubernetes.io/last-change-trigger-time":{}},"f:generateName":{},"f:labels":{".":{},"#
            + #""f:app.kubernetes.io/name":{},"f:endpointslice.kubernetes.io/managed-by":{},"#
            + #""f:kubernetes.io/service-name":{}},"f:ownerReferences":{".":{},"k:{\"uid\":\"8f14e45f\"}":{}}},"#
            + #""f:ports":{}}"#
        let text =
            #"{"metadata":{"name":"\#(name)-x7k2p","generateName":"\#(name)-","namespace":"\#(namespace(number))","#
            + #""uid":"\#(uid(number, "9f14e45f"))","resourceVersion":"@version@","generation":7,"#
            + #""creationTimestamp":"2026-05-04T03:02:01Z","labels":{\#(labels(name)),"#
            + #""endpointslice.kubernetes.io/managed-by":"endpointslice-controller.k8s.io","#
            + #""kubernetes.io/service-name":"\#(name)"},"#
            + #""annotations":{"endpoints.kubernetes.io/last-change-trigger-time":"2026-05-04T03:02:01Z"},"#
            + #""ownerReferences":[{"apiVersion":"v1","kind":"Service","name":"\#(name)","#
            + #""uid":"\#(uid(number, "8f14e45f"))","controller":true,"blockOwnerDeletion":true}],"managedFields":[{"#
            + #""manager":"kube-controller-manager","operation":"Update","apiVersion":"discovery.k8s.io/v1","#
            + #""time":"2026-05-04T03:02:01Z","fieldsType":"FieldsV1","fieldsV1":\#(fields)}]},"addressType":"IPv4","#
            + #""endpoints":[\#(endpoints.joined(separator: ","))],"#
            + #""ports":[{"name":"http","port":8080,"protocol":"TCP"}]}"#
        return StoredObject(namespace: namespace(number), name: "\(name)-x7k2p", text: text)
    }

    private static func namespace(_ number: Int) -> String { "team-\(number % 40)" }

    private static func uid(_ number: Int, _ head: String) -> String { "\(head)-ceea-467f-a8a8-\(1_000_000 + number)" }

    private static func labels(_ name: String) -> String {
        #""app.kubernetes.io/name":"\#(name)","app.kubernetes.io/instance":"prod","#
            + #""app.kubernetes.io/managed-by":"Helm","helm.sh/chart":"checkout-1.2.3""#
    }
}
