/// The number by which workers count for a route.
///
/// Numbers are small and used again after their route has long been gone, each time under another generation.
package struct RouteID: BitwiseCopyable, Hashable, Sendable {
    let index: UInt32
    let generation: UInt32
}
