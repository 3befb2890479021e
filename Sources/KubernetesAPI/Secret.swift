/// A core/v1 Secret, as far as it is read: the values that a gateway can use; all others are forgotten at once.
package struct Secret: Hashable, Sendable {
    /// The keys whose values are kept.
    package enum Key: String, CaseIterable, Sendable {
        /// A certificate with those that lead to its issuer, as PEM.
        case certificate = "tls.crt"
        /// The private key of the certificate, as PEM.
        case privateKey = "tls.key"
        /// The issuers of the certificates of the other side, as PEM.
        case authorities = "ca.crt"
        /// The certificates that their issuers have revoked, as PEM.
        case revocations = "ca.crl"
        /// Users and the hashes of their passwords.
        case users = "auth"
    }

    /// The metadata.
    package var metadata: ObjectMetadata
    /// The type, such as `kubernetes.io/tls`.
    package var type: String
    /// The values of the keys that are kept.
    package var values: [Key: [UInt8]]

    /// Creates a Secret.
    package init(metadata: ObjectMetadata, type: String = "Opaque", values: [Key: [UInt8]] = [:]) {
        self.metadata = metadata
        self.type = type
        self.values = values
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible {
    /// The name and the keys, never a value: what is printed may end in a log.
    package var description: String {
        "Secret \(metadata.namespace)/\(metadata.name) \(values.keys.map(\.rawValue).sorted())"
    }

    package var debugDescription: String { description }
}

extension Secret {
    /// Reads a Secret; a value that is not base64 is left out and noted.
    ///
    /// A key of `stringData` goes before the same key of `data`, as in the API server.
    init(_ metadata: ObjectMetadata, fields: Fields, omissions: inout Omissions) throws(InvalidField) {
        self.init(metadata: metadata, type: try fields.nonEmptyString("type") ?? "Opaque")
        let data = try fields.object("data")
        let plain = try fields.object("stringData")
        for key in Key.allCases {
            // Messages show the fault's place but never the value.
            if let value = plain[key.rawValue] {
                if case .string(let text) = value {
                    values[key] = Array(text.utf8)
                } else {
                    omissions.append(
                        InvalidField("stringData[\(key.rawValue)]", "the value is not text; this key is left out")
                    )
                }
            } else if let value = data[key.rawValue] {
                do throws(Base64Fault) {
                    guard case .string(let text) = value else { throw .notText }
                    values[key] = try Base64.decode(text)
                } catch {
                    omissions.append(
                        InvalidField("data[\(key.rawValue)]", "the value is not base64: \(error); this key is left out")
                    )
                }
            }
        }
    }
}
