private import Glibc

/// The longest file that is read as a whole.
private let fileBytesMax = 64 * 1024 * 1024

/// Returns the text of a file; throws `fileTooLarge` for one of more than 64 MiB.
package func readFile(at path: String) throws(Errno) -> String {
    let file = try FileDescriptor.open(forReading: path)
    let bytes = try file.readAll(limit: fileBytesMax)
    guard bytes.count <= fileBytesMax else { throw .fileTooLarge }
    return String(decoding: bytes, as: UTF8.self)
}

/// Writes a file anew.
///
/// A reader may see it half-written; the corresponding C functions are `open` and `write`.
package func writeFile(_ text: String, at path: String) throws(Errno) {
    let number = try retryingInterrupts { unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644) }
    let file = FileDescriptor(owning: number)
    try file.writeAll(Array(text.utf8))
}

/// Makes a directory unless there is one.
///
/// The corresponding C function is `mkdir`.
package func makeDirectory(at path: String) throws(Errno) {
    do throws(Errno) {
        _ = try retryingInterrupts { unsafe mkdir(path, 0o755) }
    } catch {
        guard error == .exists else { throw error }
        guard try FileStatus(ofFileAt: path).kind == .directory else { throw .notDirectory }
    }
}
