internal import Synchronization

/// A value that one thread replaces and others read: what a status server's answers are made from.
///
/// The lock is held for a copy of the value only, never while an answer is made.
package final class StatusBoard<Value: Sendable>: Sendable {
    private let content: Mutex<Value>

    /// Creates a board with a first value.
    package init(_ value: Value) { content = Mutex(value) }

    /// The value as it was last left.
    package var value: Value { content.withLock(\.self) }

    /// Replaces the value by what the closure makes of it, all at once.
    package func update(_ change: (inout Value) -> Void) { content.withLock { change(&$0) } }
}
