import LinuxSystem
import Synchronization

/// A folder of a test, below the system's folder for such.
final class TemporaryFolder {
    private let root: String
    private static let count = Atomic<Int>(0)

    init() throws {
        let number = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
        root = "/tmp/fairlead-source-\(wallClockNanoseconds())-\(number)"
        try makeDirectory(at: root)
    }

    func path(_ name: String) -> String { "\(root)/\(name)" }

    func read(_ name: String) throws -> String { try readFile(at: path(name)) }

    func write(_ name: String, _ text: String) throws { try writeFile(text, at: path(name)) }
}
