internal import LinuxSystem
internal import Synchronization

/// Something that waits, done on a thread of its own, whose result the loop picks up.
final class BackgroundTask<Value: Sendable>: Sendable {
    private let wakeup: Wakeup
    private let value = Mutex<Value?>(nil)

    /// Begins to work; the thread keeps the task until it is done.
    init(_ name: String, _ body: @escaping @Sendable () -> Value) throws(Errno) {
        wakeup = try Wakeup()
        _ = try Thread(name) {
            let result = body()
            self.value.withLock { $0 = result }
            self.wakeup.ring()
        }
    }

    /// The descriptor that is readable when the result is there.
    var descriptor: Int32 { wakeup.descriptor }

    /// The result; nil while there is none.
    func result() -> Value? { value.withLock { $0 } }
}
