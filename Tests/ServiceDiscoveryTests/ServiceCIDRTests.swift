import KubernetesAPI
import NetworkAddress
import ServiceDiscovery
import ServiceModel
import Testing

@Suite struct ServiceCIDRTests {
    @Test func `the ranges of all ServiceCIDRs are given, sorted, each once`() {
        var observer = Observer(
            .serviceCIDR(serviceCIDR("kubernetes", "10.96.0.0/12", "fd00:96::/112")),
            .serviceCIDR(serviceCIDR("more", "10.0.0.0/16", "10.0.0.0/8", "10.96.0.0/12"))
        )
        let all = ["10.0.0.0/8", "10.0.0.0/16", "10.96.0.0/12", "fd00:96::/112"]
        #expect(observer.directory.serviceCIDRs.map(\.description) == all)
        observer.apply(.serviceCIDR(serviceCIDR("more", "10.112.0.0/12")))
        #expect(
            observer.directory.serviceCIDRs.map(\.description) == ["10.96.0.0/12", "10.112.0.0/12", "fd00:96::/112"]
        )
        observer.remove(.serviceCIDR(serviceCIDR("kubernetes")))
        #expect(observer.directory.serviceCIDRs.map(\.description) == ["10.112.0.0/12"])
        observer.remove(.serviceCIDR(serviceCIDR("more")))
        #expect(observer.directory.serviceCIDRs.isEmpty)
    }
}
