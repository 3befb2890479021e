internal import LinuxSystem
internal import NetworkAddress

/// The lines of the standard input that tell a server what to do.
final class EchoControl {
    enum Command {
        /// Serve on an address.
        case open(IPAddress)
        /// Serve on an address no longer.
        case close(IPAddress)
        /// Print a word.
        case say(String)
    }

    private static let readBytesMax = 65_536

    private let descriptor = FileDescriptor(owning: 0)
    private var rest: [UInt8] = []

    /// Whether more may come.
    private(set) var isOpen = true

    /// The descriptor to wait on.
    var number: Int32 { descriptor.number }

    /// Returns the commands that wait; lines that are none are passed over.
    func read() -> [Command] {
        guard let bytes = try? descriptor.read(upTo: Self.readBytesMax), !bytes.isEmpty else {
            isOpen = false
            return []
        }
        rest += bytes
        guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        let text = String(decoding: rest[..<end], as: UTF8.self)
        rest.removeSubrange(...end)
        return text.split(separator: "\n").compactMap(Self.command)
    }

    private static func command(_ line: Substring) -> Command? {
        let words = line.split(separator: " ")
        guard words.count == 2 else { return nil }
        switch words[0] {
        case "open": return IPAddress(parsing: words[1]).map { .open($0) }
        case "close": return IPAddress(parsing: words[1]).map { .close($0) }
        case "say": return .say(String(words[1]))
        default: return nil
        }
    }
}
