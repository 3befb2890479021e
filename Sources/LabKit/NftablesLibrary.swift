internal import Glibc

/// Debian's libnftables, opened when it is asked for: only a bench needs it, and only where it is installed.
///
/// Used by one thread at a time.
@safe package final class NftablesLibrary {
    /// Why the library does not do what it is asked for.
    package struct Failure: Error, CustomStringConvertible {
        /// What to tell an operator.
        package let description: String
    }

    /// The name of the library whose interface is used here.
    package static let name = "libnftables.so.1"

    private typealias New = @convention(c) (UInt32) -> OpaquePointer?
    private typealias Free = @convention(c) (OpaquePointer) -> Void
    private typealias Buffer = @convention(c) (OpaquePointer) -> Int32
    private typealias ErrorText = @convention(c) (OpaquePointer) -> UnsafePointer<CChar>?
    private typealias Run = @convention(c) (OpaquePointer, UnsafePointer<CChar>) -> Int32

    // Owned: made by nft_ctx_new, freed in deinit. The library itself stays open as long as the process.
    private let context: OpaquePointer
    private let free: Free
    private let runCommands: Run
    private let errorText: ErrorText

    /// Whether the library is installed.
    package static var isInstalled: Bool {
        // The name is copied, and the handle is never closed.
        unsafe dlopen(name, RTLD_NOW | RTLD_LOCAL) != nil
    }

    /// Opens the library, for the calling thread's network namespace.
    ///
    /// The corresponding C functions are `nft_ctx_new` and `nft_ctx_buffer_error`.
    ///
    /// - Throws: `Failure` when it is not installed, or has another interface.
    package init() throws(Failure) {
        // As above.
        guard let library = unsafe dlopen(Self.name, RTLD_NOW | RTLD_LOCAL) else {
            throw Failure(description: "there is no \(Self.name): install Debian's package libnftables1")
        }
        // The types are those that libnftables(3) declares for these names.
        func function<Function>(_ name: String, _ type: Function.Type) throws(Failure) -> Function {
            guard let symbol = unsafe dlsym(library, name) else {
                throw Failure(description: "\(Self.name) has no \(name): it is another version than 1.x")
            }
            return unsafe unsafeBitCast(symbol, to: type)
        }
        let new = unsafe try function("nft_ctx_new", New.self)
        unsafe free = try function("nft_ctx_free", Free.self)
        unsafe runCommands = try function("nft_run_cmd_from_buffer", Run.self)
        unsafe errorText = try function("nft_ctx_get_error_buffer", ErrorText.self)
        let buffer = unsafe try function("nft_ctx_buffer_error", Buffer.self)
        guard let context = unsafe new(0) else { throw Failure(description: "\(Self.name) gives no context") }
        unsafe self.context = context
        guard unsafe buffer(context) == 0 else {
            throw Failure(description: "\(Self.name) does not keep its errors for its caller")
        }
    }

    deinit { unsafe free(context) }

    /// Runs commands as nft takes them, as one transaction.
    ///
    /// The corresponding C function is `nft_run_cmd_from_buffer`.
    ///
    /// - Parameter commands: The commands, a line each.
    /// - Throws: `Failure` with what the library complains of; nothing has changed then.
    package func run(_ commands: String) throws(Failure) {
        // The text ends in a NUL while the call lasts, and the library keeps nothing of it.
        guard unsafe runCommands(context, commands) == 0 else {
            let text = unsafe errorText(context).map { unsafe String(cString: $0) } ?? ""
            throw Failure(description: "\(Self.name): \(text.prefix(500))")
        }
    }
}
