internal import KubernetesAPI
internal import NetworkAddress

/// Where a Service of type ExternalName leads.
enum ExternalName: Hashable, Sendable {
    /// To an address that is written out.
    case address(IPAddress)
    /// To whatever DNS says of a name, in lower case and without a final dot.
    case name(String)
    /// Nowhere, for this reason.
    case forbidden(String)

    /// Reads `spec.externalName`.
    init(_ text: String?) {
        guard let text else {
            self = .forbidden("is missing")
            return
        }
        var name = text.lowercased()
        if let address = IPAddress(parsing: name) {
            self = Self.fault(of: address).map { .forbidden("\(text) \($0)") } ?? .address(address)
            return
        }
        if name.hasSuffix(".") { name.removeLast() }
        if name == "localhost" || name.hasSuffix(".localhost") {
            self = .forbidden("\(ObjectValue.quoted(text)) is this machine itself")
        } else if Self.isHostName(name) {
            self = .name(name)
        } else {
            self = .forbidden("\(ObjectValue.quoted(text)) is no name that DNS could have")
        }
    }

    /// Why no request may be sent to an address that a name leads to; nil when it may.
    ///
    /// Whoever may write a Service must not reach the gateway's own machine or the cloud's metadata by it.
    static func fault(of address: IPAddress) -> String? {
        if address.isIPv4Mapped { return fault(of: IPAddress(ipv4: address.ipv4Number)) }
        if address.isLoopback { return "is a loopback address" }
        if address.isLinkLocal { return "is a link-local address" }
        if address.isUnspecified { return "is the unspecified address" }
        if address.isMulticast || address.isLimitedBroadcast { return "is no address of one host" }
        return nil
    }

    private static func isHostName(_ name: String) -> Bool {
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        return name.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { byte in
                        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                    }
            }
    }
}
