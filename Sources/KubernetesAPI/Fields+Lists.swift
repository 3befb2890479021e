internal import NetworkAddress

/// The parts of an object that are left out while the rest of it is used.
///
/// Each error's rule already says what is left out.
typealias Omissions = [InvalidField]

extension Fields {
    /// Reads the objects of a list; the first invalid one is an error.
    func elements<Element>(
        _ name: String,
        _ read: (Fields) throws(InvalidField) -> Element
    ) throws(InvalidField) -> [Element] {
        let values = try array(name)
        var elements: [Element] = []
        elements.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            let place = "\(name)[\(index)]"
            let fields = try Fields(value, path: place)
            do throws(InvalidField) { elements.append(try read(fields)) } catch { throw error.within(place) }
        }
        return elements
    }

    /// Reads the objects of a list; an invalid one is left out and noted, one that reads as nil is passed over.
    ///
    /// `what` says what an element is, for the note: `endpoint` gives "this endpoint is left out".
    func validElements<Element>(
        _ name: String,
        what: String,
        omissions: inout Omissions,
        _ read: (Fields) throws(InvalidField) -> Element?
    ) throws(InvalidField) -> [Element] {
        try validElements(name, what: what, omissions: &omissions) { fields, _ throws(InvalidField) in
            try read(fields)
        }
    }

    /// Reads the objects of a list with their positions; an invalid one is left out and noted, nil is passed over.
    func validElements<Element>(
        _ name: String,
        what: String,
        omissions: inout Omissions,
        _ read: (Fields, Int) throws(InvalidField) -> Element?
    ) throws(InvalidField) -> [Element] {
        let values = try array(name)
        var elements: [Element] = []
        elements.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            do throws(InvalidField) {
                let fields = try Fields(value, path: "")
                if let element = try read(fields, index) { elements.append(element) }
            } catch {
                let place = "\(name)[\(index)]"
                let path = error.path.isEmpty ? place : "\(place).\(error.path)"
                omissions.append(InvalidField(path, "\(error.rule); this \(what) is left out"))
            }
        }
        return elements
    }
}

extension IPAddress {
    /// Reads an address as the API server reads a stored one: leading zeros in IPv4 octets do not count.
    ///
    /// The error names the field by `path`.
    init(field path: String, text: String) throws(InvalidField) {
        guard let address = IPAddress(parsing: text, leadingZeros: .ignored) else {
            throw InvalidField(path, "\(ObjectValue.quoted(text)) is not an IP address")
        }
        if address.family == .ipv6, address.bits >> 32 == 0xffff {
            throw InvalidField(
                path,
                "\(text) is an IPv4-mapped IPv6 address, which no packet carries; "
                    + "write it as \(IPAddress(ipv4: address.ipv4Number))"
            )
        }
        self = address
    }

    /// Reads an address that packets can be sent to.
    ///
    /// The API server also refuses loopback and link-local addresses; on one machine without a cluster they can work.
    init(destinationField path: String, text: String) throws(InvalidField) {
        let address = try IPAddress(field: path, text: text)
        if address.isUnspecified || address.isMulticast || address.isLimitedBroadcast {
            let kind =
                address.isUnspecified ? "the unspecified" : address.isMulticast ? "a multicast" : "the broadcast"
            throw InvalidField(path, "\(address) is \(kind) address, not that of one host")
        }
        self = address
    }
}
