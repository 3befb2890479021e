private import Glibc

/// Ends the process with a status: 0 fine, 1 failed, 2 wrongly called.
///
/// The corresponding C function is `exit`.
package func exitProcess(_ status: Int32) -> Never { exit(status) }
