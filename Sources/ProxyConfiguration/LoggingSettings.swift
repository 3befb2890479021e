package import KubernetesAPI

/// What is logged, and how (`LoggingConfiguration` of Kubernetes' components).
package struct LoggingSettings: Hashable, Sendable, ConfigurationBlock {
    /// `text` or `json`.
    package var format = ""
    /// How often buffered lines are written: a duration as text, or nanoseconds as a number.
    package var flushFrequency = OpaqueValue()
    /// How much is logged: 0 what an operator needs, from 4 on details.
    package var verbosity: Int32 = 0
    /// Verbosities for single source files of kube-proxy.
    package var vmodule = OpaqueValue()
    /// Settings of the formats.
    package var options = OpaqueValue()

    init() {}

    static var fields: [ConfigurationField<Self>] {
        [
            ConfigurationField("format", \.format),
            ConfigurationField("flushFrequency", \.flushFrequency),
            ConfigurationField("verbosity", \.verbosity),
            ConfigurationField("vmodule", \.vmodule),
            ConfigurationField("options", \.options),
        ]
    }
}

/// A value that is kept as it stands in the file, because nothing here depends on it.
package struct OpaqueValue: Hashable, Sendable, ConfigurationValue {
    /// The value; null when the field is absent.
    package var value: ObjectValue = .null

    init() {}

    init(_ value: ObjectValue, at _: String, _: inout DecodingNotes) { self.value = value }

    var objectValue: ObjectValue { value }
}
