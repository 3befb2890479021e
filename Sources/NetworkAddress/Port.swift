/// A transport port from 1 to 65535; 0 names no port and cannot be made.
package struct Port: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: UInt16

    package init?(rawValue: UInt16) {
        guard rawValue != 0 else { return nil }
        self.rawValue = rawValue
    }

    /// Creates a port from any integer, or returns nil outside 1...65535.
    package init?(_ number: some BinaryInteger) {
        guard let value = UInt16(exactly: number) else { return nil }
        self.init(rawValue: value)
    }

    /// Creates a port from decimal text, or returns nil outside 1...65535.
    package init?(parsing text: some StringProtocol) {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let value = UInt16(text)
        else { return nil }
        self.init(rawValue: value)
    }

    package var description: String { String(rawValue) }

    package static func < (left: Port, right: Port) -> Bool { left.rawValue < right.rawValue }
}
