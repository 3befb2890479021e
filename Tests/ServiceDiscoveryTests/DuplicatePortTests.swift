import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import Testing

@Suite struct DuplicatePortTests {
    private func observed(_ ports: [Service.ServicePort]) -> Observer {
        Observer(.service(service(ports: ports, origin: "web.yaml document 1")))
    }

    @Test func `of two ports with one name the first stands`() {
        let observer = observed([
            Service.ServicePort(name: "http", port: port(80)),
            Service.ServicePort(name: "http", transport: .udp, port: port(81)),
            Service.ServicePort(name: "alt", port: port(82)),
        ])
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp refused", "10.96.0.10:82/tcp refused"])
        #expect(
            observer.problems == [
                "web.yaml document 1: Service default/web: spec.ports[1].name: \"http\" is the name of spec.ports[0], too; "
                    + "the port is left out"
            ]
        )
    }

    @Test func `of two ports without a name the first stands`() {
        let observer = observed([
            Service.ServicePort(port: port(80)), Service.ServicePort(port: port(81)),
        ])
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp refused"])
        #expect(
            observer.problems == [
                "web.yaml document 1: Service default/web: spec.ports[1].name: is not set, as that of spec.ports[0]; "
                    + "the port is left out; name every port"
            ]
        )
    }

    @Test func `of two ports with one number and protocol the first stands`() {
        let observer = observed([
            Service.ServicePort(name: "a", port: port(80)),
            Service.ServicePort(name: "b", port: port(80)),
            Service.ServicePort(name: "c", transport: .udp, port: port(80)),
        ])
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp refused", "10.96.0.10:80/udp refused"])
        #expect(
            observer.problems == [
                "web.yaml document 1: Service default/web: spec.ports[1].port: 80/tcp is spec.ports[0], too; "
                    + "the port is left out"
            ]
        )
    }

    @Test func `of two equal node ports in a Service the first stands, and both ports work`() {
        let observer = observed([
            Service.ServicePort(name: "a", port: port(80), nodePort: port(30080)),
            Service.ServicePort(name: "b", port: port(81), nodePort: port(30080)),
            Service.ServicePort(name: "c", transport: .udp, port: port(80), nodePort: port(30080)),
        ])
        #expect(
            observer.frontEnds() == [
                "10.96.0.10:80/tcp refused", "node port 30080/tcp (IPv4) refused", "10.96.0.10:81/tcp refused",
                "10.96.0.10:80/udp refused", "node port 30080/udp (IPv4) refused",
            ]
        )
        #expect(
            observer.problems == [
                "web.yaml document 1: Service default/web: spec.ports[1].nodePort: 30080/tcp is that of spec.ports[0], "
                    + "too; this node port is left out"
            ]
        )
    }
}
