internal import NetworkAddress

extension Endpoints {
    /// Reads an Endpoints object; an invalid port or address in it is left out and noted, the rest is used.
    init(_ metadata: ObjectMetadata, fields: Fields, omissions: inout Omissions) throws(InvalidField) {
        var subsets: [Subset] = []
        for (index, value) in try fields.array("subsets").enumerated() {
            let place = "subsets[\(index)]"
            let subset = try Fields(value, path: place)
            var inner: Omissions = []
            do throws(InvalidField) {
                subsets.append(
                    Subset(
                        addresses: try EndpointAddress.list(subset, "addresses", omissions: &inner),
                        notReadyAddresses: try EndpointAddress.list(subset, "notReadyAddresses", omissions: &inner),
                        ports: try EndpointSlice.EndpointPort.list(subset, requiresNumber: true, omissions: &inner)
                    )
                )
            } catch { throw error.within(place) }
            omissions += inner.map { $0.within(place) }
        }
        self.init(metadata: metadata, subsets: subsets)
    }
}

extension Endpoints.EndpointAddress {
    fileprivate static func list(
        _ subset: Fields,
        _ name: String,
        omissions: inout Omissions
    ) throws(InvalidField) -> [Self] {
        try subset.validElements(name, what: "address", omissions: &omissions) { entry throws(InvalidField) in
            guard let text = try entry.nonEmptyString("ip") else { throw InvalidField("ip", "the address is missing") }
            return Self(
                address: try IPAddress(destinationField: "ip", text: text),
                nodeName: try entry.nonEmptyString("nodeName")
            )
        }
    }
}
