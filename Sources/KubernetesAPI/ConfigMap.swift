/// A core/v1 ConfigMap, as far as it is read: its text values.
package struct ConfigMap: Hashable, Sendable {
    /// The metadata.
    package var metadata: ObjectMetadata
    /// `data`.
    package var data: [String: String]

    /// Creates a ConfigMap.
    package init(metadata: ObjectMetadata, data: [String: String] = [:]) {
        self.metadata = metadata
        self.data = data
    }
}

extension ConfigMap {
    /// Reads a ConfigMap.
    init(_ metadata: ObjectMetadata, fields: Fields) throws(InvalidField) {
        self.init(metadata: metadata, data: try fields.stringMap("data"))
    }
}
