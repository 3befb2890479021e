/// The features of Kubernetes that are on by default and that this agent knows how to turn off.
package enum DefaultFeature: String, CaseIterable, Sendable {
    /// `spec.externalIPs` of Services are programmed.
    case serviceExternalIPs = "AllowServiceExternalIPs"
    /// `/flagz` shows the command line.
    case flagz = "ComponentFlagz"
    /// `/statusz` shows the version and the age of the process.
    case statusz = "ComponentStatusz"
}
