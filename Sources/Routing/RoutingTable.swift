package import ByteBuffers

/// Everything that workers need to know to lead requests: immutable, shared, and replaced as a whole.
///
/// A change makes a new table that shares all that did not change, so that it costs only the change.
package final class RoutingTable: Sendable {
    /// What holds for all routes.
    package let settings: ProxySettings

    private init(settings: ProxySettings) { self.settings = settings }
}
