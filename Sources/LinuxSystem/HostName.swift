private import Glibc

/// Returns the name of this host.
///
/// The corresponding C function is `gethostname`.
package func hostName() -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        guard let base = buffer.baseAddress, unsafe gethostname(base, buffer.count - 1) == 0 else { return "localhost" }
        unsafe buffer[buffer.count - 1] = 0
        return unsafe String(cString: base)
    }
}
