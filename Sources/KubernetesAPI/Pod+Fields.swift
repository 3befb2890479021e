internal import NetworkAddress

extension Pod {
    /// Reads a Pod; an invalid address or container port in it is left out and noted, the rest is used.
    init(_ metadata: ObjectMetadata, fields: Fields, omissions: inout Omissions) throws(InvalidField) {
        self.init(metadata: metadata)
        do throws(InvalidField) {
            let spec = try fields.object("spec")
            nodeName = try spec.nonEmptyString("nodeName")
            try readContainerPorts(spec, "containers", omissions: &omissions) { _ in true }
            // An init container that restarts runs beside the others, so its ports can be reached.
            try readContainerPorts(spec, "initContainers", omissions: &omissions) { container throws(InvalidField) in
                try container.string("restartPolicy") == "Always"
            }
        } catch { throw error.path == "spec" ? error : error.within("spec") }
        do throws(InvalidField) {
            try readStatus(try fields.object("status"), omissions: &omissions)
        } catch { throw error.path == "status" ? error : error.within("status") }
    }

    private mutating func readContainerPorts(
        _ spec: Fields,
        _ list: String,
        omissions: inout Omissions,
        where isReachable: (Fields) throws(InvalidField) -> Bool
    ) throws(InvalidField) {
        for (index, value) in try spec.array(list).enumerated() {
            let place = "\(list)[\(index)]"
            let container = try Fields(value, path: place)
            var inner: Omissions = []
            do throws(InvalidField) {
                guard try isReachable(container) else { continue }
                containerPorts += try container.validElements("ports", what: "port", omissions: &inner) {
                    entry throws(InvalidField) in
                    guard let port = try entry.port("containerPort") else {
                        throw InvalidField("containerPort", "the port is missing")
                    }
                    return ContainerPort(name: try entry.portName(), transport: try entry.transport(), port: port)
                }
            } catch { throw error.within(place) }
            omissions += inner.map { $0.within(place).within("spec") }
        }
    }

    private mutating func readStatus(_ status: Fields, omissions: inout Omissions) throws(InvalidField) {
        var inner: Omissions = []
        podIPs = try status.validElements("podIPs", what: "address", omissions: &inner) { entry throws(InvalidField) in
            try IPAddress(destinationField: "ip", text: try entry.string("ip") ?? "")
        }
        if podIPs.isEmpty, inner.isEmpty, let text = try status.nonEmptyString("podIP") {
            do throws(InvalidField) {
                podIPs = [try IPAddress(destinationField: "podIP", text: text)]
            } catch { inner.append(InvalidField(error.path, "\(error.rule); this address is left out")) }
        }
        omissions += inner.map { $0.within("status") }

        let conditions = try status.elements("conditions") { entry throws(InvalidField) in
            (type: try entry.string("type"), status: try entry.string("status"))
        }
        isReady = conditions.isEmpty || conditions.contains { $0.type == "Ready" && $0.status == "True" }
        let phase = try status.string("phase")
        hasEnded = phase == "Succeeded" || phase == "Failed"
    }
}
