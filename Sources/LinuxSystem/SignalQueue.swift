private import CLinux
private import Glibc

/// A signal that a program answers.
package enum Signal: Int32, CaseIterable, Sendable {
    /// The terminal went away, or an operator asks to look at everything again (`SIGHUP`).
    case hangUp = 1
    /// Ctrl-C (`SIGINT`).
    case interrupt = 2
    /// The service manager ends the program (`SIGTERM`).
    case terminate = 15
}

/// Signals as something to wait for and to read, in place of handlers that run at any moment.
///
/// The corresponding C function is `signalfd`.
package struct SignalQueue: ~Copyable {
    private let handle: FileDescriptor

    /// Takes the signals over.
    ///
    /// Threads that are started later inherit this.
    ///
    /// - Throws: Why the kernel gives no descriptor.
    package init(_ signals: [Signal]) throws(Errno) {
        let numbers = signals.map(\.rawValue)
        // C reads as many numbers as the count says.
        let number = unsafe numbers.withUnsafeBufferPointer {
            unsafe clinux_open_signals($0.baseAddress, Int32($0.count))
        }
        guard number >= 0 else { throw .current }
        handle = FileDescriptor(owning: number)
    }

    /// The descriptor, which is readable when a signal waits.
    package var descriptor: Int32 { handle.number }

    /// Returns the next signal, or nil when none waits.
    package func next() -> Signal? { Signal(rawValue: clinux_read_signal(handle.number)) }
}
