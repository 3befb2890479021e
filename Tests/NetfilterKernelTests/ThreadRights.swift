import Glibc
import LinuxSystem
import Testing

// What Swift's Glibc module leaves out: calls that change one thread, as a test needs it that shares its process with
// others. They are found by name, and have the types that their manual pages give.

private typealias Unshare = @convention(c) (Int32) -> Int32
private typealias EnterNamespace = @convention(c) (Int32, Int32) -> Int32
private typealias ChangeCapabilities = @convention(c) (UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Int32

private func call<Function>(_ name: String, as type: Function.Type) throws -> Function {
    // RTLD_DEFAULT is a null handle. The caller gives the type of the function's manual page.
    guard let symbol = unsafe dlsym(nil, name) else { throw Errno.noSuchFile }
    return unsafe unsafeBitCast(symbol, to: type)
}

/// Turns the result of a system call into its error.
private func check(_ result: Int32) throws(Errno) {
    guard result == 0 else { throw .current }
}

private let newNetwork: Int32 = 0x4000_0000  // CLONE_NEWNET

/// Runs a closure on this thread in a new, empty network namespace.
///
/// `withNewNetworkNamespace` runs it on another thread, where the test library cannot tell which test an issue belongs
/// to. The closure must not suspend, as the body of a test that is not `async` cannot.
func inNewNetworkNamespace<Result>(_ body: () throws -> Result) throws -> Result {
    let unshare = try call("unshare", as: Unshare.self)
    let enter = try call("setns", as: EnterNamespace.self)
    let home = try FileDescriptor.open(forReading: "/proc/thread-self/ns/net")
    try check(unshare(newNetwork))
    // A thread that cannot go home would take all tests after this one with it.
    defer { precondition(enter(home.number, newNetwork) == 0, "setns: \(Errno.current)") }
    return try body()
}

/// Runs a closure on this thread without CAP_NET_ADMIN; all other threads keep it.
func withoutNetworkAdministration<Result>(_ body: () throws -> Result) throws -> Result {
    // struct __user_cap_header_struct of version 3 for the calling thread, and two of __user_cap_data_struct: the
    // effective, permitted and inheritable capabilities from 0 on, then those from 32 on.
    var header: (version: UInt32, thread: Int32) = (0x2008_0522, 0)
    var sets: (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0, 0, 0)
    // Both take pointers to the structures above.
    let read = unsafe try call("capget", as: ChangeCapabilities.self)
    let write = unsafe try call("capset", as: ChangeCapabilities.self)
    let networkAdministration: UInt32 = 1 << 12
    try check(unsafe read(&header, &sets))
    try #require(sets.0 & networkAdministration != 0)
    sets.0 &= ~networkAdministration
    try check(unsafe write(&header, &sets))
    defer {
        sets.0 |= networkAdministration
        precondition(unsafe write(&header, &sets) == 0, "capset: \(Errno.current)")
    }
    return try body()
}
