internal import ServiceModel

/// This node's name, which says whether an endpoint runs here.
struct NodeIdentity: Sendable {
    /// The name in lower case, as the API server has it.
    private let name: String

    /// Creates the identity of the node with a name in any case.
    init(name: String) { self.name = name.lowercased() }

    /// Whether a name is this node's.
    ///
    /// Case does not matter: kube-proxy lowers the name that it is given before it compares.
    func isNamed(_ other: String) -> Bool {
        other == name || other.utf8.elementsEqual(name.utf8) { Self.lowered($0) == $1 }
    }

    /// Where something runs whose object names a node, or names none.
    func locality(ofNodeNamed nodeName: String?) -> Locality {
        guard let nodeName, !nodeName.isEmpty else { return .unknown }
        return isNamed(nodeName) ? .local : .remote
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
