private import Glibc

/// Returns the value of an environment variable, or nil when it is not set or empty.
///
/// The corresponding C function is `getenv`; nothing in this program changes the environment.
package func environmentVariable(_ name: String) -> String? {
    // The text belongs to the environment, and is copied at once.
    guard let value = unsafe getenv(name).map({ unsafe String(cString: $0) }), !value.isEmpty else { return nil }
    return value
}
