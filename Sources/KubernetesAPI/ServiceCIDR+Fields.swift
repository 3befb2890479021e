internal import NetworkAddress

extension ServiceCIDR {
    /// Reads a ServiceCIDR; an invalid range in it is left out and noted, the rest is used.
    init(_ metadata: ObjectMetadata, fields: Fields, omissions: inout Omissions) throws(InvalidField) {
        self.init(metadata: metadata, ranges: [])
        do throws(InvalidField) {
            for (index, value) in try fields.object("spec").array("cidrs").enumerated() {
                if case .string(let text) = value, let range = IPPrefix(parsing: text) {
                    ranges.append(range)
                } else {
                    let path = "spec.cidrs[\(index)]"
                    omissions.append(
                        InvalidField(path, "\(value) is not an address range; this range is left out")
                    )
                }
            }
        } catch { throw error.path == "spec" ? error : error.within("spec") }
    }
}
