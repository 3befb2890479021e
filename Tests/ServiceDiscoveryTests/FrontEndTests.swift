import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import ServiceModel
import Testing

@Suite struct FrontEndTests {
    @Test func `a Service port leads from its cluster IP to the ready endpoints`() {
        let observer = Observer(
            .service(service()),
            .endpointSlice(slice(endpoints: [endpoint("10.0.0.1"), endpoint("10.0.0.2")]))
        )
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp → 10.0.0.1:8080 10.0.0.2:8080"])
        #expect(observer.problems.isEmpty)
    }

    @Test func `a snapshot names the port, the masquerading and where endpoints run`() throws {
        let ports = [Service.ServicePort(name: "http", port: port(80), nodePort: port(30080))]
        var directory = ServiceDirectory(nodeName: "node-a")
        directory.apply(.applied(.service(service(ports: ports))))
        directory.apply(
            .applied(
                .endpointSlice(
                    slice(endpoints: [
                        endpoint("10.0.0.3"), endpoint("10.0.0.1", on: "node-a"), endpoint("10.0.0.2", on: "node-b"),
                    ])
                )
            )
        )
        let endpoints = [
            Endpoint(destination("10.0.0.1:8080"), locality: .local),
            Endpoint(destination("10.0.0.2:8080"), locality: .remote),
            Endpoint(destination("10.0.0.3:8080"), locality: .unknown),
        ]
        let snapshots = directory.takeChangedSnapshots()
        #expect(
            snapshots == [
                ServiceSnapshot(
                    service: ObjectName(namespace: "default", name: "web"),
                    frontEnds: [
                        FrontEnd(
                            key: FrontEndKey(listener: .address(ip("10.96.0.10")), transport: .tcp, port: port(80)),
                            portName: "http",
                            masquerade: .offCluster,
                            action: .forward(endpoints)
                        ),
                        FrontEnd(
                            key: FrontEndKey(listener: .nodeAddresses(.ipv4), transport: .tcp, port: port(30080)),
                            portName: "http",
                            masquerade: .always,
                            action: .forward(endpoints)
                        ),
                    ]
                )
            ]
        )
    }

    @Test func `a Service without endpoints refuses`() {
        let ports = [Service.ServicePort(name: "http", port: port(80), nodePort: port(30080))]
        let observer = Observer(.service(service(ports: ports)))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp refused", "node port 30080/tcp (IPv4) refused"])
        #expect(observer.problems.isEmpty)
    }

    @Test func `one number over three protocols makes three front ends with their own endpoints`() {
        let ports = [
            Service.ServicePort(name: "t", transport: .tcp, port: port(53)),
            Service.ServicePort(name: "u", transport: .udp, port: port(53)),
            Service.ServicePort(name: "s", transport: .sctp, port: port(53)),
        ]
        let observer = Observer(
            .service(service(ports: ports)),
            .endpointSlice(
                slice(
                    ports: [
                        EndpointSlice.EndpointPort(name: "t", transport: .tcp, port: port(5301)),
                        EndpointSlice.EndpointPort(name: "u", transport: .udp, port: port(5302)),
                        EndpointSlice.EndpointPort(name: "s", transport: .udp, port: port(5303)),
                    ],
                    endpoints: [endpoint("10.0.0.1")]
                )
            )
        )
        #expect(
            observer.frontEnds() == [
                "10.96.0.10:53/tcp → 10.0.0.1:5301",
                "10.96.0.10:53/udp → 10.0.0.1:5302",
                // The name alone is not enough: the slice has it for another protocol.
                "10.96.0.10:53/sctp refused",
            ]
        )
    }

    @Test func `each family leads to endpoints of its own`() {
        let ports = [Service.ServicePort(name: "http", port: port(80), nodePort: port(30080))]
        let observer = Observer(
            .service(service(clusterIPs: ["fd00:96::10", "10.96.0.10"], ports: ports)),
            .endpointSlice(slice("web-v4", endpoints: [endpoint("10.0.0.1")])),
            .endpointSlice(slice("web-v6", family: .ipv6, endpoints: [endpoint("fd00::1")]))
        )
        #expect(
            observer.frontEnds() == [
                "10.96.0.10:80/tcp → 10.0.0.1:8080",
                "node port 30080/tcp (IPv4) → 10.0.0.1:8080",
                "[fd00:96::10]:80/tcp → [fd00::1]:8080",
                "node port 30080/tcp (IPv6) → [fd00::1]:8080",
            ]
        )
    }

    @Test func `without a cluster IP in a family nothing of the Service is seen there`() {
        let ports = [Service.ServicePort(name: "http", port: port(80), nodePort: port(30080))]
        let observer = Observer(
            .service(service(clusterIPs: ["fd00:96::10"], ports: ports)),
            .endpointSlice(slice("web-v4", endpoints: [endpoint("10.0.0.1")]))
        )
        #expect(
            observer.frontEnds() == ["[fd00:96::10]:80/tcp refused", "node port 30080/tcp (IPv6) refused"]
        )
    }

    @Test func `a node port counts whatever the type`() {
        let ports = [Service.ServicePort(name: "http", port: port(80), nodePort: port(30080))]
        for type in [Service.ServiceType.clusterIP, .nodePort, .loadBalancer] {
            let observer = Observer(.service(service(ports: ports) { $0.type = type }))
            #expect(observer.frontEnds().count == 2, "\(type)")
        }
    }

    @Test func `a cluster IP given twice makes one front end`() {
        let observer = Observer(.service(service(clusterIPs: ["10.96.0.10", "10.96.0.10"])))
        #expect(observer.frontEnds() == ["10.96.0.10:80/tcp refused"])
    }
}
