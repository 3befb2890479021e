internal import NetworkAddress

extension IPAddress {
    /// Why no flow can be sent to an endpoint with this address, as `is a loopback address`; nil when one can.
    ///
    /// These are the addresses that Kubernetes' API validation refuses in Endpoints, all multicast, and two
    /// kinds that never lead to one host: the limited broadcast and IPv4-mapped addresses.
    var faultAsEndpoint: String? {
        isLinkLocal ? "is a link-local address, which is valid on one link only" : faultAsVirtualAddress
    }

    /// Why the address cannot be a Service's own, as `is a loopback address`; nil when it can.
    ///
    /// Link-local addresses can: DNS caches on nodes listen on one.
    var faultAsVirtualAddress: String? {
        if isUnspecified { return "is the unspecified address" }
        if isLoopback { return "is a loopback address" }
        if isMulticast { return "is a multicast address" }
        if isLimitedBroadcast { return "is the broadcast address" }
        if isIPv4Mapped { return "is an IPv4-mapped IPv6 address, which no packet carries" }
        return nil
    }
}
