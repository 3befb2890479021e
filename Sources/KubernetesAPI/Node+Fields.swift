internal import NetworkAddress

extension Node {
    /// Reads a Node; an invalid address or pod CIDR in it is left out and noted, the rest is used.
    init(_ metadata: ObjectMetadata, fields: Fields, omissions: inout Omissions) throws(InvalidField) {
        self.init(metadata: metadata)
        var inStatus: Omissions = []
        do throws(InvalidField) {
            let addresses = try fields.object("status").validElements(
                "addresses",
                what: "address",
                omissions: &inStatus
            ) { entry throws(InvalidField) in try NodeAddress(entry) }
            internalIPs = addresses.filter(\.isInternal).map(\.address)
            externalIPs = addresses.filter { !$0.isInternal }.map(\.address)
        } catch { throw error.path == "status" ? error : error.within("status") }
        omissions += inStatus.map { $0.within("status") }

        do throws(InvalidField) {
            let spec = try fields.object("spec")
            taintKeys = try spec.elements("taints") { entry throws(InvalidField) in try entry.string("key") ?? "" }
            var texts: [(path: String, value: ObjectValue)] = []
            for (index, value) in try spec.array("podCIDRs").enumerated() {
                texts.append((path: "podCIDRs[\(index)]", value: value))
            }
            if texts.isEmpty, let text = try spec.nonEmptyString("podCIDR") {
                texts = [(path: "podCIDR", value: .string(text))]
            }
            for (path, value) in texts {
                if case .string(let text) = value, let prefix = IPPrefix(parsing: text) {
                    podCIDRs.append(prefix)
                } else {
                    omissions.append(
                        InvalidField("spec.\(path)", "\(value) is not an address range; this range is left out")
                    )
                }
            }
        } catch { throw error.path == "spec" ? error : error.within("spec") }
    }

    private struct NodeAddress {
        let isInternal: Bool
        let address: IPAddress

        /// Reads one of `status.addresses`, or returns nil for host names.
        init?(_ fields: Fields) throws(InvalidField) {
            switch try fields.string("type") {
            case "InternalIP": isInternal = true
            case "ExternalIP": isInternal = false
            default: return nil
            }
            address = try IPAddress(field: "address", text: try fields.string("address") ?? "")
        }
    }
}
